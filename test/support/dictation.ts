/** An answer of the Function URL with its body read. */
export interface DictationAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, unknown>>;
}

/** POSTs a body to the Function URL as the Shortcut does; `undefined` as token sends none. */
export async function dictate(
  url: string,
  token: string | undefined,
  body: unknown,
): Promise<DictationAnswer> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...(token !== undefined && { "x-client-token": token }) },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Readonly<Record<string, unknown>>,
  };
}
