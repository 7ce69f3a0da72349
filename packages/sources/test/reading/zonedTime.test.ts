import { formatInstantMicros } from "@backup-catalog/core"
import { describe, expect, it } from "vitest"
import { instantInZone, instantWithOffset, isTimeZone, offsetOf } from "../../src/reading/zonedTime.ts"

const at = (text: string, zone: string, repeated?: "before" | "after"): string | undefined => {
  const instant = instantInZone(text, zone, repeated)
  return instant === undefined ? undefined : formatInstantMicros(instant)
}

describe("a time with an offset", () => {
  // date -u -d '2019-06-17 18:25:11+03' +%FT%TZ
  it.each([
    ["2019-06-17 18:25:11+03", "2019-06-17T15:25:11.000000Z"],
    ["2019-06-17 18:25:11.5-0330", "2019-06-17T21:55:11.500000Z"],
    ["2019-06-17T18:25:11+05:45", "2019-06-17T12:40:11.000000Z"],
    ["2019-06-17T18:25:11z", "2019-06-17T18:25:11.000000Z"]
  ])("%s is read in whatever form it is", (text, expected) => {
    const instant = instantWithOffset(text)
    expect(instant === undefined ? undefined : formatInstantMicros(instant)).toBe(expected)
  })

  it.each(["2019-06-17T18:25:11", "2019-06-17 18:25:11 MSK", "2019-06-17", "+03"])("%s is none", (text) => {
    expect(instantWithOffset(text)).toBeUndefined()
  })
})

describe("a time without a zone", () => {
  // python3 -c 'from datetime import *; from zoneinfo import *;
  // print(datetime(2026,10,25,2,30,fold=F,tzinfo=ZoneInfo("Europe/Berlin")).astimezone(UTC))'
  it.each([
    ["2026-10-25 02:30:00", "Europe/Berlin", "2026-10-25T00:30:00.000000Z", "2026-10-25T01:30:00.000000Z"],
    ["2026-03-29 02:30:00", "Europe/Berlin", "2026-03-29T01:30:00.000000Z", "2026-03-29T01:30:00.000000Z"],
    ["2026-04-05 01:45:00", "Australia/Lord_Howe", "2026-04-04T14:45:00.000000Z", "2026-04-04T15:15:00.000000Z"],
    ["2026-07-01 12:00:00.1234567", "+05:30", "2026-07-01T06:30:00.123456Z", "2026-07-01T06:30:00.123456Z"],
    ["2026-07-01 12:00:00", "-23:59", "2026-07-02T11:59:00.000000Z", "2026-07-02T11:59:00.000000Z"],
    ["1969-12-31 23:59:59.9", "Asia/Kolkata", "1969-12-31T18:29:59.900000Z", "1969-12-31T18:29:59.900000Z"],
    ["2026-11-24  4:34:28", "UTC", "2026-11-24T04:34:28.000000Z", "2026-11-24T04:34:28.000000Z"],
    ["2026-11-24 04:34:28", "gmt", "2026-11-24T04:34:28.000000Z", "2026-11-24T04:34:28.000000Z"]
  ])("%s in %s is the one before the clocks change, or the one after", (text, zone, before, after) => {
    expect([at(text, zone), at(text, zone, "after")]).toEqual([before, after])
  })

  it("that no record can hold, in its zone, is none", () => {
    expect(at("9999-12-31 23:59:59.999999", "UTC")).toBe("9999-12-31T23:59:59.999999Z")
    expect(at("9999-12-31 23:59:59", "-00:01")).toBeUndefined()
    expect(at("0000-01-01 00:00:00", "+00:01")).toBeUndefined()
  })

  it.each([
    "2026-02-29 00:00:00",
    "2026-13-01 00:00:00",
    "2026-01-01 24:00:00",
    "2026-12-31 23:59:60",
    "2026-01-00 00:00:00"
  ])("%s is none", (text) => expect(at(text, "UTC")).toBeUndefined())
})

describe("a time zone", () => {
  it.each(["UTC", "GMT", "utc", "Europe/Berlin", "europe/berlin", "EST", "+05:30", "-00:00", "+23:59"])(
    "is %s",
    (zone) => expect(isTimeZone(zone)).toBe(true)
  )

  it.each([
    "",
    " ",
    "Z",
    "Mars/Olympus",
    "+24:00",
    "+25:00",
    "+05:60",
    "++05:30",
    "+x-05:30",
    "GMT5+05:30",
    "+99:99",
    "+0530",
    "+5:30",
    "UTC+2",
    "+05:30\n"
  ])("is not %j", (zone) => expect([isTimeZone(zone), at("2026-01-01 00:00:00", zone)]).toEqual([false, undefined]))
})

describe("the offset of a time", () => {
  it.each([
    ["2026-11-23T14:24:56.960733-03:30", "-03:30"],
    ["2026-11-23 14:24:56+0100", "+01:00"],
    ["2026-11-23 14:24:56+01", "+01:00"],
    ["2026-11-23T14:24:56Z", "UTC"],
    ["2026-11-23 14:24:56", undefined],
    ["2026-11-23", undefined]
  ])("of %s is %s", (text, expected) => {
    expect(offsetOf(text)).toBe(expected)
  })
})
