using Confluent.Kafka;
using Fastbridge.Kafka.Interop;

namespace Fastbridge.Kafka.Mock;

/// <summary>
/// A Kafka inside this process: librdkafka's mock cluster, which speaks the real protocol on loopback ports and keeps its records in memory (the
/// newest few megabytes of a partition). For the demo and tests; its members inject faults. Thread-safe. Disposing ends its threads and
/// forgets its records. It cannot: TLS, SASL, size limits, throttling.
/// </summary>
public sealed class MockKafka : IDisposable
{
    private const short ProduceApi = 0;

    private readonly Lock _lock = new();
    private nint _client;
    private nint _cluster;

    /// <param name="brokers">Brokers are numbered from 1.</param>
    public MockKafka(int brokers = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(brokers, 1);
        using var conf = new ConfHandle();

        // The client only carries the cluster. Its log says nothing that its users asked for.
        conf.Set("log_level", "0", out _);
        _client = conf.NewProducer(out string error);
        if (_client == 0)
            throw new InvalidOperationException($"The mock Kafka cannot start: {error}");

        _cluster = LibRdKafka.rd_kafka_mock_cluster_new(_client, brokers);
        if (_cluster == 0)
        {
            Dispose();
            throw new InvalidOperationException("The mock Kafka cannot start: no loopback port could be opened");
        }

        // Produce version 10 answers with the new leader, and the cluster crashes where there is none.
        SetApiVersion(ProduceApi, 0, 9);

        // By default it names a controller that does not exist, and admin requests wait for it.
        LibRdKafka.rd_kafka_mock_set_controller_id(_cluster, 1);
        BrokerCount = brokers;
        unsafe
        {
            BootstrapServers = LibRdKafka.Text(LibRdKafka.rd_kafka_mock_cluster_bootstraps(_cluster));
        }
    }

    /// <summary>host:port, comma separated.</summary>
    public string BootstrapServers { get; }

    public int BrokerCount { get; }

    /// <summary>Creates a topic. A topic that a client asks for and that is unknown is created by the cluster with 4 partitions.</summary>
    public void CreateTopic(string topic, int partitions)
        => With(c => LibRdKafka.rd_kafka_mock_topic_create(c, topic, partitions, Math.Min(BrokerCount, 3)));

    /// <summary>Every request about the topic fails with this error; <see cref="ErrorCode.NoError"/> ends it.</summary>
    public void SetTopicError(string topic, ErrorCode error) => With(c =>
    {
        LibRdKafka.rd_kafka_mock_topic_set_error(c, topic, (int)error);
        return 0;
    });

    /// <summary>
    /// The next Produce requests fail with these errors, in turn. <see cref="ErrorCode.Local_Transport"/> cuts the connection. Broken sequences are
    /// not noticed by the cluster: with several requests in flight an error is followed by a success that covers it up.
    /// </summary>
    public void FailProduce(params ReadOnlySpan<ErrorCode> errors) => FailRequests(ProduceApi, errors);

    /// <summary>As <see cref="FailProduce"/>, for any request, by its key in Kafka's protocol.</summary>
    public unsafe void FailRequests(short apiKey, params ReadOnlySpan<ErrorCode> errors)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_cluster == 0, this);
            fixed (ErrorCode* first = errors)
                LibRdKafka.rd_kafka_mock_push_request_errors_array(_cluster, apiKey, (nuint)errors.Length, (int*)first);
        }
    }

    /// <summary>Forgets the errors that are still to come.</summary>
    public void StopFailing(short apiKey = ProduceApi) => With(c =>
    {
        LibRdKafka.rd_kafka_mock_clear_request_errors(c, apiKey);
        return 0;
    });

    /// <summary>Moves a partition's leadership; null: the partition has no leader.</summary>
    public void SetLeader(string topic, int partition, int? broker)
        => With(c => LibRdKafka.rd_kafka_mock_partition_set_leader(c, topic, partition, broker ?? -1));

    /// <summary>Cuts the broker's connections and refuses new ones.</summary>
    public void SetBrokerDown(int broker = 1) => With(c => LibRdKafka.rd_kafka_mock_broker_set_down(c, broker));

    public void SetBrokerUp(int broker = 1) => With(c => LibRdKafka.rd_kafka_mock_broker_set_up(c, broker));

    /// <summary>Delays every answer of the broker.</summary>
    public void SetRoundTripTime(int broker, int milliseconds) => With(c => LibRdKafka.rd_kafka_mock_broker_set_rtt(c, broker, milliseconds));

    /// <summary>Limits the versions of a request that the cluster speaks.</summary>
    public void SetApiVersion(short apiKey, short min, short max) => With(c => LibRdKafka.rd_kafka_mock_set_apiversion(c, apiKey, min, max));

    public void Dispose()
    {
        lock (_lock)
        {
            if (_cluster != 0)
                LibRdKafka.rd_kafka_mock_cluster_destroy(_cluster);
            _cluster = 0;
            if (_client != 0)
                LibRdKafka.rd_kafka_destroy(_client);
            _client = 0;
        }
    }

    private void With(Func<nint, int> call)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_cluster == 0, this);
            int error = call(_cluster);
            if (error != 0)
                throw new KafkaException((ErrorCode)error);
        }
    }
}
