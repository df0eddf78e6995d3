import { sendRaw } from "../client.ts";
import type { Attack } from "../torture.ts";

const SMUGGLED = "GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n";
const LENGTHS = ["0", "4", "+4", "4, 5", " 4", "0x4", "-1", "4e0", "18446744073709551620"];
const ENCODINGS = [
  "chunked",
  "Chunked",
  "chunked, chunked",
  "identity",
  "\tchunked",
  "x chunked",
  "chunked\u000b",
];
const TARGETS = [
  "/",
  "//",
  "*",
  "http://evil.example/",
  "/%E0%A4%A",
  "/\u0000",
  "/..//..",
  `/${"a".repeat(20_000)}`,
];
const BYTES = [
  "P",
  "PRI",
  "PRI * HTTP/2.0\r\n\r\n",
  "GET / HTTP/9.9\r\n\r\n",
  "\r\n\r\n\r\n",
  "\u0000\u0001",
  SMUGGLED.trim(),
];

function variants(): readonly string[] {
  const close = "Host: localhost\r\nConnection: close\r\n";
  const bodies = LENGTHS.flatMap((length) =>
    ENCODINGS.map(
      (encoding) =>
        `POST / HTTP/1.1\r\n${close}Content-Length: ${length}\r\nTransfer-Encoding: ${encoding}\r\n\r\n0\r\n\r\n${SMUGGLED}`,
    ),
  );
  const targets = TARGETS.flatMap((target) =>
    ["GET", "POST", "OPTIONS", "CONNECT", "BREW"].map(
      (method) => `${method} ${target} HTTP/1.1\r\n${close}\r\n`,
    ),
  );
  const twice = LENGTHS.map(
    (length) =>
      `POST / HTTP/1.1\r\n${close}Content-Length: 0\r\nContent-Length: ${length}\r\n\r\n${SMUGGLED}`,
  );
  return [...BYTES, ...bodies, ...targets, ...twice];
}

/** Requests under way at once at each port: some take their whole time limit. */
const AT_ONCE = 30;

/** Malformed and ambiguous requests to every port. */
export const attack: Attack = {
  description: "malformed and smuggling requests to all three ports: no 5xx, no second answer, no silence",
  async run({ addresses }, { factor }) {
    const { page, functionUrl, awsEndpoint } = addresses;
    const wrong: string[] = [];
    let tried = 0;
    const ports = [page, functionUrl, awsEndpoint];
    const sent = Array.from({ length: Math.ceil(factor) }, variants).flat();
    for (let from = 0; from < sent.length; from += AT_ONCE) {
      const some = sent
        .slice(from, from + AT_ONCE)
        .flatMap((bytes) => ports.map((port) => ({ bytes, port })));
      const answers = await Promise.all(some.map(({ bytes, port }) => sendRaw(port, bytes)));
      tried += some.length;
      some.forEach(({ bytes, port }, at) => {
        const problem = problemOf(answers[at]);
        if (problem !== undefined)
          wrong.push(`${problem} at ${port}: ${JSON.stringify(bytes.slice(0, 120))}`);
      });
    }
    return { tried, wrong, lost: [] };
  },
};

function problemOf(answer: string | undefined): string | undefined {
  if (answer === undefined) return "no end";
  if (/^HTTP\/1\.1 5/m.test(answer)) return "5xx";
  return (answer.match(/^HTTP\/1\.1 /gm) ?? []).length > 1 ? "two answers" : undefined;
}
