-- Asks for the paths PREFIX1 to PREFIXn in an order that was shuffled beforehand, so that wrk itself is no brake.
-- Arguments: PREFIX, n, and perhaps the value of If-None-Match.
local requests, count, position = {}, 0, 0

function init(arguments)
  local prefix, keys, tag = arguments[1], tonumber(arguments[2]), arguments[3]
  if tag then wrk.headers["If-None-Match"] = tag end
  if keys == 1 then
    -- Without a function named request wrk sends the same bytes again and again.
    wrk.path = prefix .. "1"
    return
  end
  math.randomseed(42)
  for i = 1, keys do requests[i] = i end
  for i = keys, 2, -1 do
    local j = math.random(i)
    requests[i], requests[j] = requests[j], requests[i]
  end
  for i = 1, keys do requests[i] = wrk.format("GET", prefix .. requests[i]) end
  count = keys
  function request()
    position = position % count + 1
    return requests[position]
  end
end

dofile((debug.getinfo(1, "S").source:match("^@(.*/)") or "./") .. "done.lua")
