"""The Open Inference Protocol v2, which KServe, Triton and MLServer speak, over REST and over gRPC.

Requests carry one tensor a column, [rows] or [rows, 1]. Source: https://github.com/kserve/open-inference-protocol.
"""
