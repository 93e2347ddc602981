def commands(): return "# Commands\n"
