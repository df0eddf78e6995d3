import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  bedrockModels,
  foundationModelOf,
  quotaWords,
} from "../../../../bin/commands/deploy/model-access.ts";
import { bedrockServer, sendError, type TestServer } from "../../../support/aws-servers.ts";
import { type FakeAnswer, httpFake, type HttpFake, type Received } from "../../../support/http-fake.ts";

const MODEL = { region: "us-west-2", profileId: "us.anthropic.claude-haiku-4-5-20251001-v1:0" };
const CATALOG = "https://us-west-2.console.aws.amazon.com/bedrock/home?region=us-west-2#/model-catalog";

/** What Bedrock and Service Quotas answer, by operation; an account where all is well. */
type Answers = Record<"profile" | "availability" | "form" | "quotas", FakeAnswer>;

const WELL: Answers = {
  profile: { body: { status: "ACTIVE", inferenceProfileId: MODEL.profileId } },
  availability: {
    body: {
      modelId: foundationModelOf(MODEL.profileId),
      agreementAvailability: { status: "AVAILABLE" },
      authorizationStatus: "AUTHORIZED",
      entitlementAvailability: "AVAILABLE",
      regionAvailability: "AVAILABLE",
    },
  },
  form: { body: { formData: "e30=" } },
  quotas: {
    body: {
      Quotas: [quota("Cross-region model inference requests per minute for Anthropic Claude Haiku 4.5", 200)],
    },
  },
};

function quota(QuotaName: string, Value: number): object {
  return { QuotaName, Value, QuotaCode: "L-1", ServiceCode: "bedrock" };
}

function refused(name: string, status = 400): FakeAnswer {
  return { status, headers: { "x-amzn-errortype": name }, body: { __type: name, message: `said ${name}` } };
}

let answers: Answers;
let aws: HttpFake;
let model: TestServer | undefined;

beforeEach(async () => {
  answers = { ...WELL };
  aws = await httpFake((request) => answers[operationOf(request)]);
  vi.stubEnv("AWS_ENDPOINT_URL", aws.url);
  vi.stubEnv("AWS_ACCESS_KEY_ID", "testing");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "testing");
  vi.stubEnv("AWS_MAX_ATTEMPTS", "1");
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await aws.stop();
  await model?.stop();
  model = undefined;
});

function operationOf({ path, headers }: Received): keyof Answers {
  if (headers["x-amz-target"] === "ServiceQuotasV20190624.ListServiceQuotas") return "quotas";
  if (path.startsWith("/inference-profiles/")) return "profile";
  return path.startsWith("/foundation-model-availability/") ? "availability" : "form";
}

function availability(changes: object): FakeAnswer {
  return { body: { ...(WELL.availability.body as object), ...changes } };
}

describe("what stands in the way of a model, asked of Bedrock before anything is deployed", () => {
  test("is nothing where the profile is active, the model entitled, the form filled in and the quota above 0", async () => {
    expect(await bedrockModels().access(MODEL)).toEqual({ refusals: [], unasked: [] });
    expect(aws.received.map(({ method, path }) => `${method} ${decodeURIComponent(path)}`)).toEqual(
      expect.arrayContaining([
        `GET /inference-profiles/${MODEL.profileId}`,
        `GET /foundation-model-availability/${foundationModelOf(MODEL.profileId)}`,
        "GET /use-case-for-model-access",
      ]),
    );
  });

  test.each<[string, Partial<Answers>, RegExp]>([
    [
      "a profile that is not there",
      { profile: refused("ResourceNotFoundException", 404) },
      /^there is no profile us\.anthropic\.\S+ in us-west-2: choose another BEDROCK_MODEL_ID: aws bedrock list-inference-profiles/,
    ],
    [
      "a profile that is not active",
      { profile: { body: { status: "LEGACY" } } },
      /^the profile \S+ is LEGACY in us-west-2/,
    ],
    [
      "a model that the Region does not have",
      { availability: availability({ regionAvailability: "NOT_AVAILABLE" }) },
      /^anthropic\.claude-haiku-4-5-20251001-v1:0 is not available in us-west-2$/,
    ],
    [
      "a policy of the organisation",
      { availability: availability({ authorizationStatus: "NOT_AUTHORIZED" }) },
      /^this account may not use anthropic\.\S+: ask whoever manages the organisation's policies/,
    ],
    [
      "no entitlement",
      { availability: availability({ entitlementAvailability: "NOT_AVAILABLE" }) },
      /has no entitlement to \S+: open it in the catalog/,
    ],
    [
      "a subscription that failed",
      { availability: availability({ agreementAvailability: { status: "ERROR", errorMessage: "no card" } }) },
      /^the subscription to \S+ failed \(no card\): the account needs a payment method/,
    ],
    [
      "Anthropic's form",
      { form: refused("ResourceNotFoundException", 404) },
      /^Anthropic's form on the use of its models is not filled in/,
    ],
    [
      "a quota of 0",
      {
        quotas: {
          body: {
            Quotas: [
              quota("Cross-region model inference tokens per minute for Anthropic Claude Haiku 4.5", 0),
            ],
          },
        },
      },
      /^the quota "Cross-region .* Haiku 4\.5" is 0: aws service-quotas request-service-quota-increase --region us-west-2 --service-code bedrock --quota-code L-1/,
    ],
  ])("is %s, with what to do", async (_what, changes, refusal) => {
    answers = { ...WELL, ...changes };
    const { refusals, unasked } = await bedrockModels().access(MODEL);
    expect(refusals).toEqual([expect.stringMatching(refusal)]);
    expect(unasked).toEqual([]);
    if (/catalog|form|payment/.test(refusals[0] ?? "")) expect(refusals[0]).toContain(CATALOG);
  });

  test("is no quota of another model, another kind of call, or of global profiles", async () => {
    const others = [
      "Cross-region model inference requests per minute for Anthropic Claude Haiku 4.55",
      "Cross-region model inference requests per minute for Anthropic Claude Sonnet 4.5",
      "On-demand model inference requests per minute for Anthropic Claude Haiku 4.5",
      "Global cross-region model inference requests per minute for Anthropic Claude Haiku 4.5",
    ];
    answers = { ...WELL, quotas: { body: { Quotas: others.map((name) => quota(name, 0)) } } };
    expect((await bedrockModels().access(MODEL)).refusals).toEqual([]);
    const global = { ...MODEL, profileId: MODEL.profileId.replace("us.", "global.") };
    expect((await bedrockModels().access(global)).refusals).toEqual([
      expect.stringMatching(/^the quota "Global cross-region/),
    ]);
  });

  test("is not known where it may not be asked, or is not answered: the deploy goes on and says so", async () => {
    answers = {
      profile: refused("AccessDeniedException", 403),
      availability: refused("InternalServerException", 500),
      form: refused("AccessDeniedException", 403),
      quotas: refused("AccessDeniedException", 403),
    };
    expect(await bedrockModels().access(MODEL)).toEqual({
      refusals: [],
      unasked: [
        "these credentials lack bedrock:GetInferenceProfile",
        "bedrock:GetFoundationModelAvailability was not answered (said InternalServerException)",
        "these credentials lack bedrock:GetUseCaseForModelAccess",
        "these credentials lack servicequotas:ListServiceQuotas",
      ],
    });
  });

  test("is no form for a model that is not Anthropic's", async () => {
    answers = { ...WELL, form: refused("ResourceNotFoundException", 404) };
    const nova = { ...MODEL, profileId: "us.amazon.nova-micro-v1:0" };
    expect(await bedrockModels().access(nova)).toEqual({ refusals: [], unasked: [] });
  });
});

describe("the one question that makes the account's subscription", () => {
  async function answeredBy(respond: Parameters<typeof bedrockServer>[0]) {
    model = await bedrockServer(respond);
    vi.stubEnv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", model.endpoint);
    return bedrockModels().question(MODEL);
  }

  test("asks the profile for five tokens", async () => {
    const asked: { body: string; path: string }[] = [];
    const answer = await answeredBy((stream, body, path) => {
      asked.push({ body, path: decodeURIComponent(path) });
      stream.respond({ ":status": 200, "content-type": "application/json" });
      stream.end(JSON.stringify({ output: { message: { role: "assistant", content: [{ text: "Yes" }] } } }));
    });
    expect(answer).toEqual({ refusals: [], unasked: [] });
    expect(asked).toMatchObject([{ path: `/model/${MODEL.profileId}/converse` }]);
    expect(JSON.parse(asked[0]?.body ?? "")).toMatchObject({ inferenceConfig: { maxTokens: 5 } });
  });

  test("is refused for want of Marketplace's permissions: what to do is said", async () => {
    const message =
      "Model access is denied due to IAM user or service role is not authorized to perform the required AWS Marketplace actions (aws-marketplace:ViewSubscriptions, aws-marketplace:Subscribe)";
    const { refusals } = await answeredBy((stream) =>
      sendError(stream, 403, ["AccessDeniedException", message]),
    );
    expect(refusals).toEqual([
      expect.stringMatching(
        /^Model access is denied .*: the first question of an account subscribes .* Ask it once/,
      ),
    ]);
  });

  test("that fails in another way stops nothing", async () => {
    const { refusals, unasked } = await answeredBy((stream) =>
      sendError(stream, 400, ["ValidationException", "Operation not allowed"]),
    );
    expect(refusals).toEqual([]);
    expect(unasked).toEqual([`one question to ${MODEL.profileId} was not answered (Operation not allowed)`]);
  });
});

test.each([
  ["anthropic.claude-haiku-4-5-20251001-v1:0", "Claude Haiku 4.5"],
  ["anthropic.claude-sonnet-4-20250514-v1:0", "Claude Sonnet 4"],
  ["anthropic.claude-opus-4-1-20250805-v1:0", "Claude Opus 4.1"],
  ["amazon.nova-micro-v1:0", "amazon.nova-micro-v1:0"],
])("quotas call %s %s", (modelId, words) => {
  expect(quotaWords(modelId)).toBe(words);
});
