import { execFileSync } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { SSMClient } from "@aws-sdk/client-ssm";
import { expect, test } from "vitest";
import { readTokenCommand } from "../../../lambda/contract/token.ts";
import { putCloudFormationResponse } from "../../../lambda/rotation/rotation-event.ts";
import { ssmTokenParameter } from "../../../lambda/rotation/token-parameter.ts";
import { ssmServer } from "../../support/aws-servers.ts";

test.each([
  [200, true],
  [403, false],
])(
  "the answer is PUT with an empty content type, as its signature has it; %i is taken: %s",
  async (status, isTaken) => {
    let seen = "";
    const server = createServer((request, response) => {
      request.setEncoding("utf8").on("data", (part: string) => {
        seen = `${request.method ?? ""} [${String(request.headers["content-type"])}] ${part}`;
      });
      request.on("end", () => response.writeHead(status).end());
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/presigned`;
    const sent = putCloudFormationResponse(url, '{"Status":"SUCCESS"}').then(
      () => true,
      () => false,
    );
    expect(await sent).toBe(isTaken);
    expect(seen).toBe('PUT [] {"Status":"SUCCESS"}');
    await new Promise((done) => server.close(done));
  },
);

async function againstSsm<T>(
  status: number,
  body: object,
  act: (parameter: ReturnType<typeof ssmTokenParameter>) => Promise<T>,
): Promise<{ readonly answer: T; readonly sent: unknown }> {
  let sent: unknown;
  const server = await ssmServer((text) => {
    sent = JSON.parse(text);
    return { status, body };
  });
  const credentials = { accessKeyId: "a", secretAccessKey: "b" };
  const client = new SSMClient({
    endpoint: server.endpoint,
    region: "us-west-2",
    credentials,
    maxAttempts: 1,
  });
  const answer = await act(ssmTokenParameter(client, "/token"));
  client.destroy();
  await server.stop();
  return { answer, sent };
}

test("the parameter is read decrypted, with type and time of the last write", async () => {
  const Parameter = { Type: "SecureString", Value: "abc", LastModifiedDate: 1_790_000_000, Version: 7 };
  const { answer, sent } = await againstSsm(200, { Parameter }, (parameter) => parameter.read());
  expect(answer).toEqual({ type: "SecureString", value: "abc", modifiedMs: 1_790_000_000_000, version: 7 });
  expect(sent).toEqual({ Name: "/token", WithDecryption: true });
});

test("an older version is read by its number", async () => {
  const Parameter = { Type: "SecureString", Value: "abc", Version: 3 };
  const { sent } = await againstSsm(200, { Parameter }, (parameter) => parameter.read(3));
  expect(sent).toEqual({ Name: "/token:3", WithDecryption: true });
});

test("a parameter that is not there is no failure", async () => {
  const body = { __type: "ParameterNotFound", message: "" };
  expect((await againstSsm(400, body, (parameter) => parameter.read())).answer).toBeUndefined();
});

test("one that another run made meanwhile stays", async () => {
  const body = { __type: "ParameterAlreadyExists", message: "" };
  const { sent } = await againstSsm(400, body, (parameter) => parameter.create("abc"));
  expect(sent).toEqual({ Name: "/token", Type: "SecureString", Value: "abc" });
});

test("a rotation is one write over it", async () => {
  const { answer, sent } = await againstSsm(200, { Version: 2 }, (parameter) => parameter.replace("abc"));
  expect(answer).toBe(2);
  expect(sent).toEqual({ Name: "/token", Type: "SecureString", Value: "abc", Overwrite: true });
});

test.each([
  ["a document", '{"current":"new-token_1","previous":"old","createdAt":"x"}', "new-token_1\n"],
  ["a bare token", "abc+/=", "abc+/=\n"],
])("the command of the mail prints the current token of %s", (_name, value, printed) => {
  const [, filter = ""] = readTokenCommand("/token", "us-west-2").split(" | ");
  const shell = execFileSync("sh", ["-c", filter], { input: `${value}\n`, encoding: "utf8" });
  expect(shell).toBe(printed);
});
