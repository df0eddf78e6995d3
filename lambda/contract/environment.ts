/**
 * Environment variables that the application stack sets and the agent reads.
 *
 * Region, function name and log settings come from Lambda's own variables.
 */
export const AGENT_ENVIRONMENT = {
  /** Stage name; also decides the value of the `service` dimension. */
  stage: "STAGE",
  /** Inference profile id, for example `us.anthropic.claude-haiku-4-5-20251001-v1:0`. */
  modelId: "BEDROCK_MODEL_ID",
  /**
   * ARN of the stage's own copy of that profile, through which it is called; the profile itself when missing.
   */
  inferenceProfileArn: "BEDROCK_INFERENCE_PROFILE_ARN",
  /** Name of the SecureString parameter that holds the token. */
  tokenParameterName: "CLIENT_TOKEN_PARAM_NAME",
  /** How long a token read from SSM is used before it is read again, in seconds. */
  tokenTtlSeconds: "TOKEN_CACHE_TTL_SECONDS",
  /** IANA zone that dictated times are understood in when the request names none. */
  timeZone: "TIME_ZONE",
  /** Longest accepted `text`, in characters. */
  textCharacters: "MAX_TEXT_CHARACTERS",
  /** Region of Bedrock and SSM; Lambda's own Region when missing. */
  bedrockRegion: "BEDROCK_REGION",
  /** JSON object from model id to its capabilities and prices, for models that the agent does not know. */
  modelRows: "MODEL_ROWS",
  /** `full` makes metrics of the values that are only properties otherwise. */
  metricsProfile: "METRICS_PROFILE",
  /** Start of the names of the parameters that are read while the agent runs; without it none is. */
  parameterPrefix: "CONFIG_PARAM_PREFIX",
  /** How long parameters are used before they are read again, in seconds. */
  parameterTtlSeconds: "CONFIG_TTL_SECONDS",
  /** Inference profiles that the parameter `model-id` may name besides the model, separated by commas. */
  modelChoices: "BEDROCK_MODEL_CHOICES",
  /** `true` where an open spend breaker holds requests back. */
  spendBreaker: "SPEND_BREAKER",
} as const;

/** Environment variables that the application stack sets and the pre-traffic hook reads. */
export const PRE_TRAFFIC_ENVIRONMENT = {
  /** ARN of the version that is about to get traffic, with its number. */
  versionArn: "VERSION_ARN",
  /** Name of the SecureString parameter that holds the token. */
  tokenParameterName: "CLIENT_TOKEN_PARAM_NAME",
} as const;
