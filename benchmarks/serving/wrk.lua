-- The bodies of a file, one a line, in turns; at the end the figures, one a line.
local requests, next_one = {}, 0

function init(args)
  for body in io.lines(args[1]) do
    requests[#requests + 1] = wrk.format("POST", nil, {["Content-Type"] = "application/json"}, body)
  end
end

function request()
  next_one = next_one % #requests + 1
  return requests[next_one]
end

function done(summary, latency, requests)
  local errors = summary.errors
  print("requests " .. summary.requests)
  print("seconds " .. summary.duration / 1e6)
  print("p50 " .. latency:percentile(50))
  print("p99 " .. latency:percentile(99))
  print("refused " .. errors.status)
  print("broken " .. errors.connect + errors.read + errors.write + errors.timeout)
end
