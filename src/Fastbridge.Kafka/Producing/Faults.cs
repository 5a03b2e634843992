using System.Collections.Concurrent;
using Confluent.Kafka;
using Fastbridge.Core.Delivery;
using Fastbridge.Kafka.Interop;

namespace Fastbridge.Kafka.Producing;

/// <summary>
/// What librdkafka's and Kafka's error codes mean for a record. The rule: what is not surely permanent is tried again, so that nothing is lost
/// for a code that nobody thought of.
/// </summary>
internal static unsafe class Faults
{
    private static readonly ConcurrentDictionary<int, string> Names = new();
    private static readonly ConcurrentDictionary<int, string> Codes = new();

    /// <summary>Meaning of an error in a delivery report.</summary>
    public static DeliveryFault OfReport(int error) => (ErrorCode)error switch
    {
        // They condemn the batch; which record is at fault shows only when each is sent alone. RecordListTooLarge and InvalidTimestamp
        // are of the same kind. _INVALID_DIFFERENT_RECORD says that this record is not the one, and is told apart below.
        ErrorCode.MsgSizeTooLarge or ErrorCode.InvalidRecord or ErrorCode.PolicyViolation
            or ErrorCode.RecordListTooLarge or ErrorCode.InvalidTimestamp => DeliveryFault.Refused,
        ErrorCode.UnknownTopicOrPart or ErrorCode.Local_UnknownTopic or ErrorCode.Local_UnknownPartition
            or ErrorCode.TopicException => DeliveryFault.TopicUnknown,
        ErrorCode.TopicAuthorizationFailed or ErrorCode.ClusterAuthorizationFailed => DeliveryFault.NotAuthorized,

        // No fault of the record's: another of its batch was at fault, or the producer met a fatal error, whose rebuild purges what is queued.
        ErrorCode.Local_InvalidDifferentRecord or ErrorCode.Local_PurgeQueue or ErrorCode.Local_PurgeInflight or ErrorCode.Local_Fatal
            or ErrorCode.OutOfOrderSequenceNumber or ErrorCode.DuplicateSequenceNumber or ErrorCode.UnknownProducerId
            or ErrorCode.InvalidProducerEpoch or ErrorCode.ProducerFenced => DeliveryFault.TryAgain,
        _ => DeliveryFault.Failed,
    };

    /// <summary>"MSG_SIZE_TOO_LARGE", made once a code.</summary>
    public static string Code(int error) => Codes.GetOrAdd(error, static code => LibRdKafka.Text(LibRdKafka.rd_kafka_err2name(code)));

    /// <summary>Meaning of an error that produce returned at once.</summary>
    public static ProduceStatus OfProduce(int error) => (ErrorCode)error switch
    {
        ErrorCode.Local_QueueFull => ProduceStatus.QueueFull,
        ErrorCode.MsgSizeTooLarge => ProduceStatus.TooLarge,
        ErrorCode.Local_Fatal => ProduceStatus.Rebuilding,

        // Something in the record itself (a header, say) that no later attempt changes.
        ErrorCode.Local_InvalidArg or ErrorCode.InvalidRecord or ErrorCode.PolicyViolation => ProduceStatus.Refused,
        _ => ProduceStatus.TopicUnavailable,
    };

    /// <summary>"MSG_SIZE_TOO_LARGE: Broker: Message size too large", made once a code.</summary>
    public static string Name(int error) => Names.GetOrAdd(error, static code =>
        $"{LibRdKafka.Text(LibRdKafka.rd_kafka_err2name(code))}: {LibRdKafka.Text(LibRdKafka.rd_kafka_err2str(code))}");
}
