import { TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import type { AlarmRule } from "../table/alarm-row.ts";

/** CDK's word for each choice of what stands in for missing points. */
export const MISSING_DATA: Readonly<Record<AlarmRule["treatMissingData"], TreatMissingData>> = {
  ignore: TreatMissingData.IGNORE,
  notBreaching: TreatMissingData.NOT_BREACHING,
  breaching: TreatMissingData.BREACHING,
};
