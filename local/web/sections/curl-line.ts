import type { Overview } from "../../server/wire.ts";

/** Shell lines that ask the running function something; the token is fetched by a command and never shown. */
export function curlLine({
  tokenCommand,
  functionUrl,
}: Pick<Overview, "tokenCommand" | "functionUrl">): string {
  return [
    `TOKEN="$(${tokenCommand})"`,
    `curl -sS '${functionUrl.replaceAll("'", "%27")}' \\`,
    `  -H "X-Client-Token: $TOKEN" -H 'Content-Type: application/json' \\`,
    `  -d '{"text":"dentist friday at two","mode":"event"}'`,
  ].join("\n");
}
