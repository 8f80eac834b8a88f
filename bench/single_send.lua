-- wrk script: single sends to ever new recipients, with what a receipt carries. Environment: TOKEN, EMAIL.
local token, email = os.getenv("TOKEN"), os.getenv("EMAIL")
local threads = 0
local pause = tonumber(os.getenv("PAUSE_MS") or "0")

function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

function init()
  sent = 0
  failed = 0
  wrk.method = "POST"
  wrk.path = "/marketing/v3/transactional/single-email/send"
  wrk.headers["Authorization"] = "Bearer " .. token
  wrk.headers["Content-Type"] = "application/json"
end

function delay()
  return pause > 0 and math.random(0, 2 * pause) or 0
end

function request()
  sent = sent + 1
  local to = string.format("p%d-%d@example.net", number, sent)
  return wrk.format(nil, nil, nil, string.format(
    '{"emailId":%s,"message":{"to":"%s"},"contactProperties":{"firstname":"Ada"},' ..
    '"customProperties":{"order":"%d","total":"12.50"}}', email, to, sent))
end

function response(status)
  if status ~= 200 then failed = failed + 1 end
end

function done(summary, latency)
  print(string.format("RESULT requests=%d duration_us=%d p50_us=%d p99_us=%d max_us=%d errors=%d",
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), latency.max,
    summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.write +
    summary.errors.timeout))
end
