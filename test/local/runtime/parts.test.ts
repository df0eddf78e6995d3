import { describe, expect, test } from "vitest";

import type { UrlRecord } from "../../../local/function/function-records.ts";
import { bedrockEnvironment, standInEnvironment } from "../../../local/runtime/endpoints.ts";
import { RequestLog } from "../../../local/runtime/request-log.ts";
import { StopList } from "../../../local/runtime/stop-list.ts";

const ENDPOINT = "http://127.0.0.1:7702";

describe("the function's environment", () => {
  test("sends every AWS service to the local endpoint", () => {
    expect(standInEnvironment(ENDPOINT)).toMatchObject({
      AWS_ENDPOINT_URL: ENDPOINT,
      AWS_ENDPOINT_URL_SSM: ENDPOINT,
      AWS_ENDPOINT_URL_BEDROCK_RUNTIME: ENDPOINT,
    });
  });

  test("with the real model keeps SSM local, and lets Bedrock go to AWS with the caller's keys", () => {
    const caller = { AWS_ACCESS_KEY_ID: "AKIA", AWS_SECRET_ACCESS_KEY: "s", EDITOR: "vi" };
    const environment = bedrockEnvironment(ENDPOINT, { caller, region: "eu-west-1" });
    expect(environment).toMatchObject({
      AWS_ENDPOINT_URL_SSM: ENDPOINT,
      AWS_ACCESS_KEY_ID: "AKIA",
      AWS_SECRET_ACCESS_KEY: "s",
      AWS_SESSION_TOKEN: "",
    });
    expect(environment).not.toHaveProperty("EDITOR");
    // Every other service, also one that is not named, would get the caller's keys.
    expect(environment).toMatchObject({
      AWS_ENDPOINT_URL: ENDPOINT,
      AWS_ENDPOINT_URL_BEDROCK_RUNTIME: "https://bedrock-runtime.eu-west-1.amazonaws.com",
    });
  });

  test("with a profile of the caller holds no made-up keys, which would win over it", () => {
    expect(
      bedrockEnvironment(ENDPOINT, { caller: { AWS_PROFILE: "me", HOME: "/home/me" }, region: "eu-west-1" }),
    ).toMatchObject({
      AWS_PROFILE: "me",
      HOME: "/home/me",
      AWS_ACCESS_KEY_ID: "",
      AWS_SECRET_ACCESS_KEY: "",
    });
  });
});

describe("the request log", () => {
  const url = (index: number) => ({
    functionName: "agent",
    qualifier: "live",
    executedVersion: "1",
    requestId: `00000000-0000-0000-0000-${String(index).padStart(12, "0")}`,
    startMs: index,
    latencyMs: 1,
    status: 200,
    method: "POST",
    path: "/",
  });
  const log = (message: string) => ({ logGroupName: "g", logStreamName: "s", timestampMs: 0, message });

  test("joins a request with the strings and numbers of its EMF line, whichever member names it", () => {
    const requests = new RequestLog();
    const { requestId } = url(7);
    requests.log(log(JSON.stringify({ _aws: {}, faas: requestId, mode: "note", n: 2, nested: {} })));
    requests.log(log("plain"));
    requests.log(log('{"_aws" broken'));
    requests.url(url(7));
    expect(requests.rows(5)).toMatchObject([{ requestId, line: { faas: requestId, mode: "note", n: 2 } }]);
    expect(requests.rows(5)[0]?.line).not.toHaveProperty("nested");
  });

  test("shows the EMF lines of its function alone: the probe's verdict on a request is another's", () => {
    const requests = new RequestLog({ logGroupName: "g" });
    const emf = JSON.stringify({ _aws: {}, requestId: url(7).requestId });
    const shown = [log(emf), { ...log(emf), logGroupName: "probe" }, log('{"n":1}'), log('{"_aws" broken')];
    expect(shown.map((line) => requests.shows(line))).toEqual([true, false, false, false]);
    expect(new RequestLog().shows({ ...log(emf), logGroupName: "any" })).toBe(true);
  });

  test("gives the newest first and keeps the latest thousand", () => {
    const requests = new RequestLog();
    for (let index = 0; index < 1005; index++) requests.url(url(index));
    expect(requests.rows(2).map(({ timeMs }) => timeMs)).toEqual([1004, 1003]);
    expect(requests.rows(5000)).toHaveLength(1000);
  });

  test("tells people's requests from others by the line, and by the mark where there is no line", () => {
    const requests = new RequestLog({ syntheticFields: ["probe", "verification"] });
    const request = (seconds: number, status: number, over: Partial<UrlRecord> = {}): string | undefined => {
      const record = { ...url(seconds), status, ...over };
      requests.url(record);
      return record.requestId;
    };
    const line = (requestId: string | undefined, more: object): void =>
      requests.log(log(JSON.stringify({ _aws: {}, requestId, ...more })));
    line(request(1, 200), { mode: "note" });
    line(request(2, 503), { probe: 1, verification: "" });
    request(3, 429, { isMarked: true });
    line(request(4, 500, { isMarked: true }), { mode: "note" });
    request(5, 401);
    expect(requests.judged()).toEqual([
      { timeMs: 1, result: "good", isSynthetic: false, route: "POST /" },
      { timeMs: 2, result: "failed", isSynthetic: true, route: "POST /" },
      { timeMs: 3, result: "failed", isSynthetic: true, route: "POST /" },
      { timeMs: 4, result: "failed", isSynthetic: false, route: "POST /" },
    ]);
    expect(requests.rows(5).map(({ isSynthetic }) => isSynthetic)).toEqual([
      undefined,
      undefined,
      true,
      undefined,
      undefined,
    ]);
  });

  test("a request that the URL refused itself has neither line nor id", () => {
    const requests = new RequestLog();
    const refused: UrlRecord = url(1);
    requests.url(withoutId(refused));
    expect(requests.rows(1)).toMatchObject([{ requestId: null, line: {}, coldStart: false }]);
  });
});

function withoutId(record: UrlRecord): UrlRecord {
  return Object.fromEntries(
    Object.entries(record).filter(([name]) => name !== "requestId"),
  ) as unknown as UrlRecord;
}

describe("the list of stops", () => {
  test("stops in the reverse order, once, and everything even when one fails", async () => {
    const stopped: string[] = [];
    const list = new StopList();
    list.add(() => void stopped.push("first"));
    list.add(() => Promise.reject(new Error("stuck")));
    list.add(() => void stopped.push("last"));
    await expect(list.stop()).rejects.toThrow("stuck");
    await expect(list.stop()).rejects.toThrow("stuck");
    expect(stopped).toEqual(["last", "first"]);
  });
});
