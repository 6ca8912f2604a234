-- timestamp: the date formats of Box and of HTTP.
-- SPDX-License-Identifier: MIT

local timestamp = require "boxupload.util.timestamp"

describe("timestamp", function()
  it("writes RFC 3339 in UTC with whole seconds", function()
    for seconds, text in pairs {
      [0] = "1970-01-01T00:00:00Z", [0.9] = "1970-01-01T00:00:00Z",
      [1491613088.9] = "2017-04-08T00:58:08Z",
      [951782399] = "2000-02-28T23:59:59Z",
      [951782400] = "2000-02-29T00:00:00Z",
      [4107542399] = "2100-02-28T23:59:59Z",
      [4107542400] = "2100-03-01T00:00:00Z",
      [15032385535] = "2446-05-10T22:38:55Z",
      [253402300799] = "9999-12-31T23:59:59Z",
      [253402300799.9] = "9999-12-31T23:59:59Z",
    } do
      assert.equal(text, timestamp.format(seconds))
    end
  end)

  it("writes the same dates as the system", function()
    for day = 0, 2932896, 997 do
      local seconds = day * 86400 + day % 86400
      -- A Lua with times of 32 bits raises beyond 2038.
      local ok, expected = pcall(os.date, "!%Y-%m-%dT%H:%M:%SZ", seconds)
      assert.is_true(ok or seconds >= 2 ^ 31, expected)
      if ok then assert.equal(expected, timestamp.format(seconds)) end
    end
  end)

  it("writes nothing before 1970 and after 9999", function()
    for _, seconds in ipairs {
      -1, -0.5, -11644473600, 253402300800, 300000000000, 2 ^ 62, -2 ^ 63,
      rawget(math, "maxinteger") or 2 ^ 63,
      rawget(math, "mininteger") or -2 ^ 63, 1 / 0, -1 / 0, 0 / 0,
    } do
      assert.is_nil(timestamp.format(seconds))
      assert.equal("must be in the years 1970 to 9999",
        timestamp.problem(seconds))
    end
  end)

  it("finds nothing wrong with dates that Box takes", function()
    for _, value in ipairs {
      0, 1491613088.9, 253402300799, "2017-04-08T00:58:08Z",
      "2017-11-02T15:04:38-07:00", "2024-02-29T23:59:59+14:00",
      "1970-01-01T00:00:00Z", "1970-01-01T01:00:00+01:00",
      "9999-12-31T23:59:59Z", "2000-02-29T00:00:00-00:00",
    } do
      assert.is_nil(timestamp.problem(value), tostring(value))
    end
  end)

  it("knows what isn't a date", function()
    for _, text in ipairs {
      "2017-04-08", "2017-04-08 00:58:08Z", "2017-04-08T00:58:08",
      "yesterday", "", "2017-04-08T00:58:08+0700", "2017-04-08T00:58:08.Z",
      "2017-04-08T00:58:081Z", " 2017-04-08T00:58:08Z",
      "2017-04-08T00:58:08Z\n", "02017-04-08T00:58:08Z",
      "2017-13-01T00:00:00Z", "2017-00-01T00:00:00Z", "2017-01-00T00:00:00Z",
      "2017-01-32T00:00:00Z", "2017-02-29T00:00:00Z", "2100-02-29T00:00:00Z",
      "2017-02-30T00:00:00Z", "2017-04-31T00:00:00Z", "2017-01-01T24:00:00Z",
      "2017-01-01T00:60:00Z", "2017-01-01T00:00:60Z", "2017-01-01T00:00:61Z",
      "2017-01-01T00:00:00+24:00", "2017-01-01T00:00:00+01:60",
    } do
      assert.matches("^must be a date that exists", timestamp.problem(text))
      assert.is_nil(timestamp.parse_rfc3339(text), text)
    end
  end)

  it("knows that Box refuses a fraction of a second", function()
    for _, text in ipairs {
      "2017-11-02T15:04:38.123+00:00", "2017-11-02T15:04:38.0Z",
    } do
      assert.equal("must have whole seconds", timestamp.problem(text))
    end
  end)

  it("counts the years in UTC", function()
    for _, text in ipairs {
      "1969-12-31T23:59:59Z", "1970-01-01T00:59:59+01:00",
      "1601-01-01T00:00:00Z", "0000-01-01T00:00:00Z",
      "9999-12-31T23:59:59-00:01",
    } do
      assert.equal("must be in the years 1970 to 9999",
        timestamp.problem(text), text)
    end
    assert.is_nil(timestamp.problem("1969-12-31T23:30:00-01:00"))
  end)

  it("parses RFC 3339 in any time zone", function()
    for _, text in ipairs {
      "2017-11-02T22:04:38Z", "2017-11-02T15:04:38-07:00",
      "2017-11-03T03:34:38.123+05:30",
    } do
      assert.equal(1509660278, timestamp.parse_rfc3339(text), text)
    end
    assert.is_nil(timestamp.parse_rfc3339("2017-11-02"))
    assert.is_nil(timestamp.parse_rfc3339(nil))
  end)

  it("parses the three forms of an HTTP date", function()
    for _, text in ipairs {
      "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
      "Sun Nov  6 08:49:37 1994",
    } do
      assert.equal(784111777, timestamp.parse_http(text), text)
    end
    assert.equal(1709210096,
      timestamp.parse_http("Thu, 29 Feb 2024 12:34:56 GMT"))
    assert.equal(0, timestamp.parse_http("Thu, 01 Jan 1970 00:00:00 GMT"))
    assert.is_nil(timestamp.parse_http("soon"))
    assert.is_nil(timestamp.parse_http("Sun, 06 Foo 1994 08:49:37 GMT"))
  end)
end)
