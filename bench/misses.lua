-- Asks for a path that was never asked for before, each time: PREFIX1, PREFIX2 and so on. Argument: PREFIX.
local prefix, number = "", 0

function init(arguments)
  prefix = arguments[1]
end

function request()
  number = number + 1
  return wrk.format("GET", prefix .. number)
end

dofile((debug.getinfo(1, "S").source:match("^@(.*/)") or "./") .. "done.lua")
