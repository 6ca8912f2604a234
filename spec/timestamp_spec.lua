-- timestamp: the date formats of Box and of HTTP.
-- SPDX-License-Identifier: MIT

local timestamp = require "boxupload.util.timestamp"

describe("timestamp", function()
  it("writes RFC 3339 in UTC with whole seconds", function()
    assert.equal("1970-01-01T00:00:00Z", timestamp.format(0))
    assert.equal("2017-04-08T00:58:08Z", timestamp.format(1491613088.9))
    assert.is_nil(timestamp.format(-1))
  end)

  it("recognizes RFC 3339", function()
    for _, text in ipairs {
      "2017-04-08T00:58:08Z", "2017-11-02T15:04:38-07:00",
      "2017-11-02T15:04:38.123+00:00",
    } do
      assert.is_true(timestamp.is_rfc3339(text), text)
    end
    for _, text in ipairs {
      "2017-04-08", "2017-04-08 00:58:08Z", "2017-04-08T00:58:08",
      "yesterday", "", "2017-04-08T00:58:08+0700",
    } do
      assert.is_false(timestamp.is_rfc3339(text), text)
    end
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
