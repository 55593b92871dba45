-- What Wrk.java reads: one line of numbers. Times are microseconds.
function done(summary, latency, _)
  local errors = summary.errors
  io.write(string.format("bench %d %d %d %d %d %d %d %d\n",
    summary.requests, summary.duration, summary.bytes,
    errors.connect + errors.read + errors.write + errors.timeout, errors.status,
    latency:percentile(50), latency:percentile(99), latency.max))
end
