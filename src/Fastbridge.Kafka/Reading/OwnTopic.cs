using System.Globalization;
using Confluent.Kafka;
using Fastbridge.Kafka.Interop;

namespace Fastbridge.Kafka.Reading;

/// <summary>A topic that a tool makes for itself, and deletes when it has done. Blocks; one thread. Disposing ends the client and leaves the topic as it is.</summary>
public sealed unsafe class OwnTopic : IDisposable
{
    /// <summary>Beyond the limit of a producer's batch: a request has a head too.</summary>
    private const int Head = 1 << 16;

    private readonly string _name;
    private readonly TimeSpan _patience;
    private nint _client;

    private OwnTopic(nint client, string name, TimeSpan patience)
    {
        _client = client;
        _name = name;
        _patience = patience;
    }

    /// <param name="bootstrapServers">host:port, comma separated.</param>
    /// <param name="name">None that is there already.</param>
    /// <param name="partitions">Their replicas are as many as is the cluster's default.</param>
    /// <param name="maxBatchBytes">The largest batch that it is to take.</param>
    /// <param name="patience">For Kafka to answer, here and when it is deleted.</param>
    /// <exception cref="KafkaException">Kafka does not answer in time, or refuses; also where there is such a topic.</exception>
    public static OwnTopic Create(string bootstrapServers, string name, int partitions, int maxBatchBytes, TimeSpan patience)
    {
        var own = new OwnTopic(NewClient(bootstrapServers), name, patience);
        try
        {
            own.Create(partitions, maxBatchBytes);
            return own;
        }
        catch
        {
            own.Dispose();
            throw;
        }
    }

    /// <returns>Why it could not be deleted; null: it was.</returns>
    public string? Delete()
    {
        nint topic = LibRdKafka.rd_kafka_DeleteTopic_new(_name);
        try
        {
            return Ask(LibRdKafka.AdminDeleteTopics, topic)?.Reason;
        }
        finally
        {
            LibRdKafka.rd_kafka_DeleteTopic_destroy(topic);
        }
    }

    public void Dispose()
    {
        if (_client != 0)
            LibRdKafka.rd_kafka_destroy(_client);
        _client = 0;
    }

    private static nint NewClient(string bootstrapServers)
    {
        using var conf = new ConfHandle();
        conf.Set("bootstrap.servers", bootstrapServers, out _);
        conf.Set("client.id", "fastbridge", out _);
        conf.Set("log_level", "0", out _);
        nint client = conf.NewProducer(out string error);
        return client != 0 ? client : throw new KafkaException(new Error(ErrorCode.Local_Fail, error));
    }

    private void Create(int partitions, int maxBatchBytes)
    {
        byte* error = stackalloc byte[256];
        error[0] = 0;
        nint topic = LibRdKafka.rd_kafka_NewTopic_new(_name, partitions, -1, error, 256);
        if (topic == 0)
            throw new KafkaException(new Error(ErrorCode.Local_InvalidArg, LibRdKafka.Text(error)));
        try
        {
            _ = LibRdKafka.rd_kafka_NewTopic_set_config(topic, "max.message.bytes", (maxBatchBytes + Head).ToString(CultureInfo.InvariantCulture));
            if (Ask(LibRdKafka.AdminCreateTopics, topic) is { } fault)
                throw new KafkaException(fault);
        }
        finally
        {
            LibRdKafka.rd_kafka_NewTopic_destroy(topic);
        }
    }

    /// <returns>What Kafka, or librdkafka for it, objects to; null: it is done.</returns>
    private Error? Ask(int operation, nint topic)
    {
        nint queue = LibRdKafka.rd_kafka_queue_new(_client);
        nint options = LibRdKafka.rd_kafka_AdminOptions_new(_client, operation);
        byte* refused = stackalloc byte[256];
        int limit = (int)_patience.TotalMilliseconds;
        _ = LibRdKafka.rd_kafka_AdminOptions_set_request_timeout(options, limit, refused, 256);
        _ = LibRdKafka.rd_kafka_AdminOptions_set_operation_timeout(options, limit, refused, 256);
        bool creates = operation == LibRdKafka.AdminCreateTopics;
        if (creates)
            LibRdKafka.rd_kafka_CreateTopics(_client, &topic, 1, options, queue);
        else
            LibRdKafka.rd_kafka_DeleteTopics(_client, &topic, 1, options, queue);
        LibRdKafka.rd_kafka_AdminOptions_destroy(options);
        // The request ends by its own time-out, and with it this; nothing else comes to this queue.
        nint answer = LibRdKafka.rd_kafka_queue_poll(queue, -1);
        try
        {
            int code = LibRdKafka.rd_kafka_event_error(answer);
            if (code != 0)
                return new Error((ErrorCode)code, LibRdKafka.Text(LibRdKafka.rd_kafka_event_error_string(answer)));
            nuint count;
            nint* results = creates
                ? LibRdKafka.rd_kafka_CreateTopics_result_topics(LibRdKafka.rd_kafka_event_CreateTopics_result(answer), &count)
                : LibRdKafka.rd_kafka_DeleteTopics_result_topics(LibRdKafka.rd_kafka_event_DeleteTopics_result(answer), &count);
            code = count == 1 ? LibRdKafka.rd_kafka_topic_result_error(results[0]) : 0;
            if (code == 0)
                return null;
            byte* words = LibRdKafka.rd_kafka_topic_result_error_string(results[0]);
            return new Error((ErrorCode)code, LibRdKafka.Text(words is null ? LibRdKafka.rd_kafka_err2str(code) : words));
        }
        finally
        {
            LibRdKafka.rd_kafka_event_destroy(answer);
            LibRdKafka.rd_kafka_queue_destroy(queue);
        }
    }
}
