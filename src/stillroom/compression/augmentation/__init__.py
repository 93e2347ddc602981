"""FAST-DAD: synthetic rows beside a small table's own, for a student to learn more of its teacher from.

Source: Fakoor, Mueller, Erickson, Chaudhari and Smola 2020, Fast, Accurate, and Simple Models for Tabular Data via
Augmented Distillation (NeurIPS), arXiv 2006.14284.
"""
