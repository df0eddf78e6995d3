import { createSocket } from "node:dgram";
import { once } from "node:events";
import { setImmediate } from "node:timers/promises";
import { afterEach, describe, expect, test, vi } from "vitest";
import { powertoolsTelemetry } from "../../../lambda/agent/telemetry.ts";
import { UNTRACED, xrayDaemon, xrayTrace } from "../../../lambda/agent/trace.ts";
import { agentUnderTest, testSettings } from "../../support/agent-under-test.ts";

const ROOT = "1-6923f4a0-0123456789abcdef01234567";
const HEADER = `Root=${ROOT};Parent=0123456789abcdef;Sampled=1`;

function tracing(header: string | undefined): { trace: ReturnType<typeof xrayTrace>; sent: string[] } {
  const sent: string[] = [];
  let nowMs = 1_000;
  const trace = xrayTrace({
    header: () => header,
    send: (text) => {
      sent.push(text);
      return Promise.resolve();
    },
    now: () => (nowMs += 500),
  });
  return { trace, sent };
}

describe("spans", () => {
  test("become subsegments of Lambda's segment", async () => {
    const { trace, sent } = tracing(HEADER);
    const traced = trace();
    expect(await traced.span("model", () => Promise.resolve(7))).toBe(7);
    await traced.end();
    const [head, document] = (sent[0] ?? "").split("\n");
    expect(JSON.parse(head ?? "")).toEqual({ format: "json", version: 1 });
    expect(JSON.parse(document ?? "")).toEqual({
      type: "subsegment",
      trace_id: ROOT,
      parent_id: "0123456789abcdef",
      id: expect.stringMatching(/^[0-9a-f]{16}$/) as unknown,
      name: "model",
      start_time: 1.5,
      end_time: 2,
    });
  });

  test("that throw are faults, and still throw", async () => {
    const { trace, sent } = tracing(HEADER);
    await expect(trace().span("token", () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(sent[0]).toContain('"fault":true');
  });

  test.each([
    ["not sampled", HEADER.replace("Sampled=1", "Sampled=0"), ROOT],
    ["without a parent", `Root=${ROOT}`, ROOT],
    ["without a header", undefined, undefined],
    ["with nonsense", ";;=;x", undefined],
  ])("of a request %s are not sent", async (_name, header, traceId) => {
    const { trace, sent } = tracing(header);
    const traced = trace();
    await traced.span("model", () => Promise.resolve());
    await traced.end();
    expect([traced.traceId, sent.length]).toEqual([traceId, 0]);
  });

  test("arrive at the daemon's address", async () => {
    const daemon = createSocket("udp4");
    daemon.bind(0, "127.0.0.1");
    await once(daemon, "listening");
    const arrived = once(daemon, "message");
    await xrayDaemon(`127.0.0.1:${daemon.address().port}`)("hello");
    const [message] = (await arrived) as [Buffer];
    daemon.close();
    expect(message.toString()).toBe("hello");
  });
});

test("the answer waits until the trace was sent: Lambda may freeze the function after it", async () => {
  const order: string[] = [];
  const end = async (): Promise<void> => {
    await setImmediate();
    order.push("trace sent");
  };
  await agentUnderTest({ ports: { trace: () => ({ ...UNTRACED, end }) } }).post({ text: "water the fern" });
  order.push("answered");
  expect(order).toEqual(["trace sent", "answered"]);
});

describe("the deployed telemetry", () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  test("traces where Lambda names a daemon, and sends it the spans", async () => {
    const daemon = createSocket("udp4").bind(0, "127.0.0.1");
    try {
      await once(daemon, "listening");
      vi.stubEnv("AWS_XRAY_DAEMON_ADDRESS", `127.0.0.1:${daemon.address().port}`);
      vi.stubEnv("_X_AMZN_TRACE_ID", HEADER);
      const before = Date.now();
      const received = once(daemon, "message");
      const traced = powertoolsTelemetry(testSettings()).trace();
      await traced.span("model", () => Promise.resolve());
      await traced.end();
      const [message] = (await received) as [Buffer];
      const {
        trace_id: id,
        name,
        start_time: start,
      } = JSON.parse(String(message).split("\n")[1] ?? "") as {
        readonly trace_id: string;
        readonly name: string;
        readonly start_time: number;
      };
      expect({ id, name }).toEqual({ id: ROOT, name: "model" });
      expect(start * 1000).toBeGreaterThanOrEqual(before);
    } finally {
      daemon.close();
    }
  });

  test.each([[undefined], [""]])("traces nothing where the daemon's address is %j", (address) => {
    vi.stubEnv("AWS_XRAY_DAEMON_ADDRESS", address);
    vi.stubEnv("_X_AMZN_TRACE_ID", HEADER);
    expect(powertoolsTelemetry(testSettings()).trace()).toBe(UNTRACED);
  });
});
