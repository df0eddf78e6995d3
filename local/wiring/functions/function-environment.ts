/** Services whose AWS endpoint is local, as `AWS_ENDPOINT_URL_<SERVICE>` spells them. */
const LOCAL_SERVICES = [
  ...["CLOUDWATCH", "CLOUDWATCH_LOGS", "CODEDEPLOY", "EVENTBRIDGE", "KMS", "LAMBDA"],
  ...["SCHEDULER", "SECRETS_MANAGER", "SNS", "SSM", "STS", "XRAY"],
];

/** Variables from which the SDK takes credentials; the function gets the caller's to reach the real Bedrock. */
const CREDENTIALS = [
  ...["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"],
  ...["AWS_PROFILE", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"],
  ...["AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN", "AWS_ROLE_SESSION_NAME"],
  ...["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"],
  ...["AWS_CONTAINER_AUTHORIZATION_TOKEN", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "HOME", "PATH"],
];

type Variables = Readonly<Record<string, string>>;

/** What the function's environment gets beside the template's: every service answers locally. */
export function scriptedEnvironment(awsEndpoint: string): Variables {
  return {
    ...localEndpoints(awsEndpoint),
    AWS_ENDPOINT_URL: awsEndpoint,
    AWS_ENDPOINT_URL_BEDROCK_RUNTIME: awsEndpoint,
  };
}

/** The same with the real Bedrock, reached with the caller's credentials. */
export function bedrockEnvironment(
  awsEndpoint: string,
  caller: Readonly<Record<string, string | undefined>>,
): Variables {
  const given = CREDENTIALS.flatMap((name) => {
    const value = caller[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  const credentials = Object.fromEntries(given);
  return { ...localEndpoints(awsEndpoint), ...withoutMadeUpKeys(credentials), ...credentials };
}

function localEndpoints(awsEndpoint: string): Variables {
  return Object.fromEntries(LOCAL_SERVICES.map((service) => [`AWS_ENDPOINT_URL_${service}`, awsEndpoint]));
}

/** Lambda's made-up keys would win over a profile: they are emptied where the caller has no keys of his own. */
function withoutMadeUpKeys(credentials: Variables): Variables {
  if (credentials.AWS_ACCESS_KEY_ID !== undefined) return { AWS_SESSION_TOKEN: "" };
  return { AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "", AWS_SESSION_TOKEN: "" };
}
