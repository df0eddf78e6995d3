/** The `Cors` property of a Function URL, as its template spells it. */
export interface CorsConfig {
  readonly AllowOrigins?: readonly string[];
  readonly AllowMethods?: readonly string[];
  readonly AllowHeaders?: readonly string[];
  readonly ExposeHeaders?: readonly string[];
  /** Seconds. */
  readonly MaxAge?: number;
  readonly AllowCredentials?: boolean;
}

/** What CORS asks about a request. */
export interface CorsRequest {
  readonly method: string;
  readonly origin: string | undefined;
  /** `Access-Control-Request-Method`. */
  readonly requestMethod: string | undefined;
}

/** True for a question that the Function URL answers itself, without the function. */
export function isPreflight(cors: CorsConfig | undefined, request: CorsRequest): boolean {
  const asks = request.origin !== undefined && request.requestMethod !== undefined;
  return cors !== undefined && request.method === "OPTIONS" && asks;
}

/** Headers of the answer to a preflight; none where the configuration allows nothing of it. */
export function preflightHeaders(cors: CorsConfig, request: CorsRequest): Record<string, string> {
  const origin = allowedOrigin(cors, request.origin);
  const methods = cors.AllowMethods ?? [];
  const allowed = methods.includes("*") || methods.includes(request.requestMethod ?? "");
  if (origin === undefined || !allowed) return {};
  return {
    ...originHeaders(cors, origin),
    "access-control-allow-methods": methods.join(","),
    ...(cors.AllowHeaders && { "access-control-allow-headers": cors.AllowHeaders.join(",") }),
    ...(cors.MaxAge !== undefined && { "access-control-max-age": String(cors.MaxAge) }),
  };
}

/** Headers that the URL adds to the function's answer; they replace those of the function. */
export function answerHeaders(
  cors: CorsConfig | undefined,
  origin: string | undefined,
): Record<string, string> {
  const allowed = cors && allowedOrigin(cors, origin);
  if (cors === undefined || allowed === undefined) return {};
  return {
    ...originHeaders(cors, allowed),
    ...(cors.ExposeHeaders && { "access-control-expose-headers": cors.ExposeHeaders.join(",") }),
  };
}

function originHeaders(cors: CorsConfig, origin: string): Record<string, string> {
  return {
    "access-control-allow-origin": origin,
    ...(origin !== "*" && { vary: "Origin" }),
    ...(cors.AllowCredentials === true && { "access-control-allow-credentials": "true" }),
  };
}

function allowedOrigin(cors: CorsConfig, origin: string | undefined): string | undefined {
  const origins = cors.AllowOrigins ?? [];
  if (origin === undefined) return undefined;
  if (origins.includes("*")) return cors.AllowCredentials === true ? origin : "*";
  return origins.includes(origin) ? origin : undefined;
}
