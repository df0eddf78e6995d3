import type { RetentionDays } from "aws-cdk-lib/aws-logs";
import type { InferenceProfile } from "./inference-profile.ts";
import type { Stage } from "./stage.ts";

/** What can be set per stage; `lib/config/settings.ts` says how each is spelled in the file. */
export interface StageSettings {
  readonly region: string;
  readonly awsProfile: string;
  readonly modelId: string;
  readonly tokenParameterName: string;
  readonly timeoutSeconds: number;
  readonly memoryMegabytes: number;
  readonly logLevel: "DEBUG" | "INFO" | "WARN" | "ERROR";
  readonly logContent: boolean;
  readonly logRetentionDays: RetentionDays;
  readonly tracing: boolean;
  readonly timeZone: string;
  readonly textCharacters: number;
  readonly tokenTtlSeconds: number;
  readonly alarmEmails: readonly string[];
  readonly requestsPerDay: number;
  readonly dailySpendUsd: number;
  readonly monthlyBudgetUsd: number;
  readonly monitoringProfile: "default" | "full";
  readonly docsUrl: string;
}

/** Everything that synthesis knows of a stage, validated. */
export interface StageConfig extends StageSettings {
  readonly stage: Stage;
  readonly model: InferenceProfile;
}
