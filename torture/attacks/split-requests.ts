import { sendSplit } from "../split-bytes.ts";
import type { Attack } from "../torture.ts";

/** Every request split at every byte. */
export const attack: Attack = {
  description: "one request to each port, split at every byte: always the same answer",
  async run({ addresses }) {
    const wrong: string[] = [];
    let tried = 0;
    for (const address of [addresses.page, addresses.functionUrl, addresses.awsEndpoint]) {
      const port = Number(new URL(address).port);
      const body = '{"text":""}';
      const bytes = Buffer.from(
        `POST /api/fault HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
      );
      const whole = (await sendSplit(port, bytes, bytes.length)).slice(0, 12);
      for (let at = 1; at < bytes.length; at += 1) {
        const answer = (await sendSplit(port, bytes, at)).slice(0, 12);
        tried += 1;
        if (answer !== whole)
          wrong.push(`${answer} instead of ${whole} at ${address}, split before byte ${at}`);
      }
    }
    return { tried, wrong, lost: [] };
  },
};
