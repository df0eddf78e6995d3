/**
 * The units of a datum.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html
 */
export const UNITS: readonly string[] = [
  "Seconds",
  "Microseconds",
  "Milliseconds",
  "Bytes",
  "Kilobytes",
  "Megabytes",
  "Gigabytes",
  "Terabytes",
  "Bits",
  "Kilobits",
  "Megabits",
  "Gigabits",
  "Terabits",
  "Percent",
  "Count",
  ...["Bytes", "Kilobytes", "Megabytes", "Gigabytes", "Terabytes"].map((unit) => `${unit}/Second`),
  ...["Bits", "Kilobits", "Megabits", "Gigabits", "Terabits", "Count"].map((unit) => `${unit}/Second`),
  "None",
];

/** Units of a namespace's metrics: a unit, and the metrics that AWS publishes in it. */
interface NamespaceUnits {
  /** The page of AWS that says so. */
  readonly source: string;
  readonly units: Readonly<Record<string, string>>;
}

const MONITORING = "https://docs.aws.amazon.com/";

/** Metrics by unit, names apart by blanks. */
const NAMESPACES: Readonly<Record<string, NamespaceUnits>> = {
  "AWS/Lambda": {
    source: `${MONITORING}lambda/latest/dg/monitoring-metrics-types.html`,
    units: {
      Count: `Invocations Errors Throttles DeadLetterErrors DestinationDeliveryFailures ConcurrentExecutions
        UnreservedConcurrentExecutions ProvisionedConcurrencyInvocations ProvisionedConcurrencySpilloverInvocations
        ProvisionedConcurrentExecutions ClaimedAccountConcurrency AsyncEventsReceived AsyncEventsDropped
        RecursiveInvocationsDropped OversizedRecordCount Url4xxCount Url5xxCount UrlRequestCount`,
      Milliseconds: `Duration PostRuntimeExtensionsDuration IteratorAge AsyncEventAge OffsetLag UrlRequestLatency`,
      None: "ProvisionedConcurrencyUtilization",
    },
  },
  "AWS/ApiGateway": {
    source: `${MONITORING}apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html`,
    units: {
      Count:
        "4XXError 5XXError 4xx 5xx Count CacheHitCount CacheMissCount ConnectCount MessageCount ClientError ExecutionError IntegrationError",
      Milliseconds: "Latency IntegrationLatency",
      Bytes: "DataProcessed",
    },
  },
  "AWS/SQS": {
    source: `${MONITORING}AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html`,
    units: {
      Count: `ApproximateNumberOfMessagesDelayed ApproximateNumberOfMessagesNotVisible ApproximateNumberOfMessagesVisible
        ApproximateNumberOfGroupsWithInflightMessages NumberOfEmptyReceives NumberOfMessagesDeleted
        NumberOfMessagesReceived NumberOfMessagesSent NumberOfDeduplicatedSentMessages`,
      Seconds: "ApproximateAgeOfOldestMessage",
      Bytes: "SentMessageSize",
    },
  },
  "AWS/DynamoDB": {
    source: `${MONITORING}amazondynamodb/latest/developerguide/metrics-dimensions.html`,
    units: {
      Count: `ConditionalCheckFailedRequests ConsumedReadCapacityUnits ConsumedWriteCapacityUnits ProvisionedReadCapacityUnits
        ProvisionedWriteCapacityUnits ReadThrottleEvents WriteThrottleEvents ReturnedItemCount SystemErrors ThrottledRequests
        TimeToLiveDeletedItemCount TransactionConflict UserErrors AccountMaxReads AccountMaxTableLevelReads
        AccountMaxTableLevelWrites AccountMaxWrites PendingReplicationCount OnlineIndexConsumedWriteCapacity
        OnlineIndexThrottleEvents`,
      Milliseconds: "SuccessfulRequestLatency ReplicationLatency AgeOfOldestUnreplicatedRecord",
      Percent: `AccountProvisionedReadCapacityUtilization AccountProvisionedWriteCapacityUtilization
        MaxProvisionedTableReadCapacityUtilization MaxProvisionedTableWriteCapacityUtilization OnlineIndexPercentageProgress`,
      Bytes: "ReturnedBytes",
    },
  },
  "AWS/ApplicationELB": {
    source: `${MONITORING}elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html`,
    units: {
      Count: `ActiveConnectionCount ClientTLSNegotiationErrorCount HTTPCode_ELB_3XX_Count HTTPCode_ELB_4XX_Count
        HTTPCode_ELB_5XX_Count HTTPCode_ELB_500_Count HTTPCode_ELB_502_Count HTTPCode_ELB_503_Count HTTPCode_ELB_504_Count
        HTTPCode_Target_2XX_Count HTTPCode_Target_3XX_Count HTTPCode_Target_4XX_Count HTTPCode_Target_5XX_Count
        HTTP_Redirect_Count HTTP_Fixed_Response_Count NewConnectionCount NonStickyRequestCount RejectedConnectionCount
        RequestCount RequestCountPerTarget RuleEvaluations TargetConnectionErrorCount TargetTLSNegotiationErrorCount
        HealthyHostCount UnHealthyHostCount LambdaInternalError LambdaUserError ConsumedLCUs`,
      Seconds: "TargetResponseTime",
      Bytes: "ProcessedBytes IPv6ProcessedBytes LambdaTargetProcessedBytes",
    },
  },
  "AWS/NetworkELB": {
    source: `${MONITORING}elasticloadbalancing/latest/network/load-balancer-cloudwatch-metrics.html`,
    units: {
      Count: `ActiveFlowCount ActiveFlowCount_TCP ActiveFlowCount_TLS ActiveFlowCount_UDP ConsumedLCUs HealthyHostCount
        NewFlowCount TCP_Client_Reset_Count TCP_ELB_Reset_Count TCP_Target_Reset_Count UnHealthyHostCount ProcessedPackets`,
      Bytes: "ProcessedBytes ProcessedBytes_TCP ProcessedBytes_TLS ProcessedBytes_UDP",
    },
  },
  "AWS/ECS": {
    source: `${MONITORING}AmazonECS/latest/developerguide/available-metrics.html`,
    units: {
      Percent:
        "CPUUtilization MemoryUtilization CPUReservation MemoryReservation GPUReservation EBSFilesystemUtilization",
    },
  },
  "AWS/RDS": {
    source: `${MONITORING}AmazonRDS/latest/UserGuide/rds-metrics.html`,
    units: {
      Percent: "CPUUtilization BurstBalance EBSByteBalance% EBSIOBalance% BufferCacheHitRatio ACUUtilization",
      Count: `DatabaseConnections DiskQueueDepth CPUCreditBalance CPUCreditUsage MaximumUsedTransactionIDs ReplicationSlotCount
        FailedSQLServerAgentJobsCount ServerlessDatabaseCapacity`,
      Bytes: `FreeableMemory FreeStorageSpace SwapUsage BinLogDiskUsage TransactionLogsDiskUsage FreeLocalStorage VolumeBytesUsed
        OldestReplicationSlotLag ReplicationSlotDiskUsage`,
      "Bytes/Second":
        "ReadThroughput WriteThroughput NetworkReceiveThroughput NetworkTransmitThroughput TransactionLogsGeneration",
      "Count/Second": "ReadIOPS WriteIOPS Deadlocks",
      Seconds: "ReadLatency WriteLatency ReplicaLag",
      Milliseconds: "AuroraReplicaLag CommitLatency SelectLatency InsertLatency",
    },
  },
  "AWS/Billing": {
    source: `${MONITORING}AmazonCloudWatch/latest/monitoring/monitor_estimated_charges_with_cloudwatch.html`,
    units: { None: "EstimatedCharges" },
  },
  "AWS/SNS": {
    source: `${MONITORING}sns/latest/dg/sns-monitoring-using-cloudwatch.html`,
    units: {
      Count: `NumberOfMessagesPublished NumberOfNotificationsDelivered NumberOfNotificationsFailed
        NumberOfNotificationsFilteredOut NumberOfNotificationsFilteredOut-InvalidAttributes
        NumberOfNotificationsFilteredOut-NoMessageAttributes NumberOfNotificationsRedrivenToDlq
        NumberOfNotificationsFailedToRedriveToDlq`,
      Bytes: "PublishSize",
      Percent: "SMSSuccessRate",
    },
  },
  "AWS/States": {
    source: `${MONITORING}step-functions/latest/dg/procedure-cw-metrics.html`,
    units: {
      Count: `ExecutionsStarted ExecutionsSucceeded ExecutionsFailed ExecutionsAborted ExecutionsTimedOut ExecutionThrottled
        ActivitiesFailed ActivitiesHeartbeatTimedOut ActivitiesScheduled ActivitiesStarted ActivitiesSucceeded
        ActivitiesTimedOut LambdaFunctionsFailed LambdaFunctionsScheduled LambdaFunctionsStarted LambdaFunctionsSucceeded
        LambdaFunctionsTimedOut ServiceIntegrationsFailed ServiceIntegrationsScheduled ServiceIntegrationsStarted
        ServiceIntegrationsSucceeded ServiceIntegrationsTimedOut ThrottledEvents`,
      Milliseconds: `ExecutionTime ActivityRunTime ActivityScheduleTime ActivityTime LambdaFunctionRunTime
        LambdaFunctionScheduleTime LambdaFunctionTime ServiceIntegrationRunTime ServiceIntegrationScheduleTime
        ServiceIntegrationTime`,
    },
  },
  "AWS/Kinesis": {
    source: `${MONITORING}streams/latest/dev/monitoring-with-cloudwatch.html`,
    units: {
      Bytes: "GetRecords.Bytes IncomingBytes PutRecord.Bytes PutRecords.Bytes OutgoingBytes",
      Milliseconds: `GetRecords.IteratorAgeMilliseconds GetRecords.Latency PutRecord.Latency PutRecords.Latency
        SubscribeToShardEvent.MillisBehindLatest IteratorAgeMilliseconds`,
      Count: `GetRecords.Records GetRecords.Success IncomingRecords PutRecord.Success PutRecords.Records PutRecords.Success
        PutRecords.TotalRecords PutRecords.SuccessfulRecords PutRecords.FailedRecords PutRecords.ThrottledRecords
        ReadProvisionedThroughputExceeded WriteProvisionedThroughputExceeded OutgoingRecords`,
    },
  },
  "AWS/S3": {
    source: `${MONITORING}AmazonS3/latest/userguide/metrics-dimensions.html`,
    units: {
      Count: `NumberOfObjects AllRequests GetRequests PutRequests DeleteRequests HeadRequests PostRequests SelectRequests
        ListRequests 4xxErrors 5xxErrors OperationsPendingReplication OperationsFailedReplication`,
      Bytes:
        "BucketSizeBytes BytesDownloaded BytesUploaded SelectBytesScanned SelectBytesReturned BytesPendingReplication",
      Milliseconds: "FirstByteLatency TotalRequestLatency",
      Seconds: "ReplicationLatency",
    },
  },
  "AWS/EC2": {
    source: `${MONITORING}AWSEC2/latest/UserGuide/viewing_metrics_with_cloudwatch.html`,
    units: {
      Percent: "CPUUtilization EBSIOBalance% EBSByteBalance%",
      Count: `DiskReadOps DiskWriteOps NetworkPacketsIn NetworkPacketsOut CPUCreditUsage CPUCreditBalance
        CPUSurplusCreditBalance CPUSurplusCreditsCharged StatusCheckFailed StatusCheckFailed_Instance StatusCheckFailed_System
        EBSReadOps EBSWriteOps`,
      Bytes: "DiskReadBytes DiskWriteBytes NetworkIn NetworkOut EBSReadBytes EBSWriteBytes",
    },
  },
};

const UNIT_OF: ReadonlyMap<string, string> = new Map(
  Object.entries(NAMESPACES).flatMap(([namespace, { units }]) =>
    Object.entries(units).flatMap(([unit, names]) =>
      names.split(/\s+/).map((name) => [`${namespace}\n${name}`, unit] as const),
    ),
  ),
);

/** The unit in which AWS publishes a metric of its own; `undefined` where the table does not say. */
export function awsUnit(namespace: string, metricName: string): string | undefined {
  return UNIT_OF.get(`${namespace}\n${metricName}`);
}

/** The page of AWS that lists the units of a namespace; `undefined` where the table has none. */
export function awsUnitSource(namespace: string): string | undefined {
  return NAMESPACES[namespace]?.source;
}
