using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Confluent.Kafka;
using Fastbridge.Kafka.Interop;
using Fastbridge.Kafka.Producing;
using Fastbridge.Kafka.Security;

namespace Fastbridge.Kafka.Checking;

/// <summary>
/// Asks one cluster what a producer needs to know, with questions that change nothing there: which brokers there are and whether each answers, what its topics
/// are, what this client may do. Blocks its thread; one use.
/// </summary>
internal sealed unsafe partial class ClusterTalk(NativeProducer native, ProducerSettings settings, TimeSpan timeout, CancellationToken cancellation)
{
    /// <summary>Brokers that are asked for their own settings. A hundred shows what is wrong with a cluster of any size.</summary>
    private const int MostBrokers = 100;

    /// <summary>
    /// After "all brokers are down" for the first time: librdkafka tries a host name's addresses one after the other (localhost: ::1, then 127.0.0.1) and says
    /// it already at the first.
    /// </summary>
    private static readonly TimeSpan SecondTry = TimeSpan.FromSeconds(2);

    private readonly ClusterFacts _facts = new();
    private readonly long _start = Stopwatch.GetTimestamp();
    private TimeSpan _giveUp = TimeSpan.MaxValue;
    private string? _lastError;
    private ErrorCode _lastCode = ErrorCode.Local_TimedOut;
    private Trouble? _trouble;
    private int _awaited;

    /// <summary>Returns when every question is answered, when the cluster surely cannot be reached, or after the time-out.</summary>
    public ClusterFacts Run(IReadOnlyCollection<string> topics)
    {
        _giveUp = timeout;
        foreach (string topic in topics)
            _facts.Topics[topic] = new TopicFacts();
        nint options = NewOptions(LibRdKafka.AdminDescribeCluster, opaque: 0, operations: true);
        LibRdKafka.rd_kafka_DescribeCluster(native.Handle, options, native.Queue);
        LibRdKafka.rd_kafka_AdminOptions_destroy(options);
        _awaited = 1;
        while (_awaited > 0 && _facts.Fault is null)
        {
            cancellation.ThrowIfCancellationRequested();
            bool late = Stopwatch.GetElapsedTime(_start) > _giveUp;
            if (late && _facts.Brokers.Count > 0)
                break;
            if (late)
                Fail(_lastCode, _lastError ?? string.Create(CultureInfo.InvariantCulture, $"no answer within {timeout.TotalSeconds:0.#} s"));
            nint answer = LibRdKafka.rd_kafka_queue_poll(native.Queue, 100);
            if (answer == 0)
                continue;
            Take(answer);
            LibRdKafka.rd_kafka_event_destroy(answer);
        }

        return _facts;
    }

    private void Take(nint answer)
    {
        int error = LibRdKafka.rd_kafka_event_error(answer);
        switch (LibRdKafka.rd_kafka_event_type(answer))
        {
            case LibRdKafka.EventError:
                TakeError((ErrorCode)error, LibRdKafka.Text(LibRdKafka.rd_kafka_event_error_string(answer)));
                break;
            case LibRdKafka.EventLog:
                TakeLog(answer);
                break;
            case LibRdKafka.EventTokenRefresh:
                native.FetchToken(null);
                break;
            case LibRdKafka.EventDescribeCluster when error != 0:
                _awaited--;
                if (_lastError is null)
                    Fail((ErrorCode)error, LibRdKafka.Text(LibRdKafka.rd_kafka_event_error_string(answer)));
                else
                    Fail(_lastCode, _lastError);
                break;
            case LibRdKafka.EventDescribeCluster:
                _awaited--;
                TakeCluster(LibRdKafka.rd_kafka_event_DescribeCluster_result(answer));
                break;
            case LibRdKafka.EventDescribeTopics:
                _awaited--;
                if (error == 0)
                    TakeTopics(LibRdKafka.rd_kafka_event_DescribeTopics_result(answer));
                else
                    TopicsFailed((ErrorCode)error);
                break;
            case LibRdKafka.EventDescribeConfigs:
                _awaited--;
                TakeConfigs(answer, (ErrorCode)error);
                break;
        }
    }

    private void TakeCluster(nint result)
    {
        // What was wrong before was one bootstrap server of several.
        _giveUp = timeout;
        nuint count;
        nint* nodes = LibRdKafka.rd_kafka_DescribeCluster_result_nodes(result, &count);
        for (nuint i = 0; i < count; i++)
        {
            string host = LibRdKafka.Text(LibRdKafka.rd_kafka_Node_host(nodes[i]));
            int id = LibRdKafka.rd_kafka_Node_id(nodes[i]);
            _facts.Brokers.Add(new BrokerFacts(id, string.Create(CultureInfo.InvariantCulture, $"{host}:{LibRdKafka.rd_kafka_Node_port(nodes[i])}")));
        }

        int* operations = LibRdKafka.rd_kafka_DescribeCluster_result_authorized_operations(result, &count);
        _facts.MayCreate = Holds(operations, count, LibRdKafka.OperationCreate);
        if (_facts.Brokers.Count == 0)
            Fail(ErrorCode.Local_TimedOut, "the cluster names no broker");
        for (int i = 0; i < _facts.Brokers.Count && i < MostBrokers; i++)
            AskConfigs(LibRdKafka.ResourceBroker, [_facts.Brokers[i].Id.ToString(CultureInfo.InvariantCulture)], opaque: i + 1);
        if (_facts.Topics.Count == 0)
            return;
        AskTopics([.. _facts.Topics.Keys]);
        AskConfigs(LibRdKafka.ResourceTopic, [.. _facts.Topics.Keys], opaque: 0);
    }

    private void AskTopics(string[] topics)
    {
        byte** names = (byte**)NativeMemory.AllocZeroed((nuint)topics.Length, (nuint)sizeof(byte*));
        for (int i = 0; i < topics.Length; i++)
            names[i] = (byte*)Marshal.StringToCoTaskMemUTF8(topics[i]);
        nint collection = LibRdKafka.rd_kafka_TopicCollection_of_topic_names(names, (nuint)topics.Length);
        nint options = NewOptions(LibRdKafka.AdminDescribeTopics, opaque: 0, operations: true);
        LibRdKafka.rd_kafka_DescribeTopics(native.Handle, collection, options, native.Queue);
        LibRdKafka.rd_kafka_AdminOptions_destroy(options);
        LibRdKafka.rd_kafka_TopicCollection_destroy(collection);
        for (int i = 0; i < topics.Length; i++)
            Marshal.FreeCoTaskMem((nint)names[i]);
        NativeMemory.Free(names);
        _awaited++;
    }

    private void AskConfigs(int type, string[] names, int opaque)
    {
        nint[] resources = new nint[names.Length];
        for (int i = 0; i < names.Length; i++)
            resources[i] = LibRdKafka.rd_kafka_ConfigResource_new(type, names[i]);
        nint options = NewOptions(LibRdKafka.AdminDescribeConfigs, opaque, operations: false);
        fixed (nint* first = resources)
            LibRdKafka.rd_kafka_DescribeConfigs(native.Handle, first, (nuint)resources.Length, options, native.Queue);
        LibRdKafka.rd_kafka_AdminOptions_destroy(options);
        foreach (nint resource in resources)
            LibRdKafka.rd_kafka_ConfigResource_destroy(resource);
        _awaited++;
    }

    private nint NewOptions(int operation, nint opaque, bool operations)
    {
        nint options = LibRdKafka.rd_kafka_AdminOptions_new(native.Handle, operation);
        byte* error = stackalloc byte[256];
        TimeSpan left = timeout - Stopwatch.GetElapsedTime(_start);
        _ = LibRdKafka.rd_kafka_AdminOptions_set_request_timeout(options, Math.Max(500, (int)left.TotalMilliseconds), error, 256);
        LibRdKafka.rd_kafka_AdminOptions_set_opaque(options, opaque);
        nint fault = operations ? LibRdKafka.rd_kafka_AdminOptions_set_include_authorized_operations(options, 1) : 0;
        if (fault != 0)
            LibRdKafka.rd_kafka_error_destroy(fault);
        return options;
    }

    private void TakeTopics(nint result)
    {
        nuint count;
        nint* topics = LibRdKafka.rd_kafka_DescribeTopics_result_topics(result, &count);
        for (nuint i = 0; i < count; i++)
        {
            if (!_facts.Topics.TryGetValue(LibRdKafka.Text(LibRdKafka.rd_kafka_TopicDescription_name(topics[i])), out TopicFacts? topic))
                continue;
            nint error = LibRdKafka.rd_kafka_TopicDescription_error(topics[i]);
            topic.Error = error == 0 ? ErrorCode.NoError : (ErrorCode)LibRdKafka.rd_kafka_error_code(error);
            nuint partitions;
            nint* partition = LibRdKafka.rd_kafka_TopicDescription_partitions(topics[i], &partitions);
            topic.Partitions = (int)partitions;
            for (nuint p = 0; p < partitions; p++)
                topic.Leaderless += LibRdKafka.rd_kafka_TopicPartitionInfo_leader(partition[p]) == 0 ? 1 : 0;
            nuint allowed;
            int* operations = LibRdKafka.rd_kafka_TopicDescription_authorized_operations(topics[i], &allowed);
            topic.MayWrite = Holds(operations, allowed, LibRdKafka.OperationWrite);
        }
    }

    private void TopicsFailed(ErrorCode code)
    {
        foreach (TopicFacts topic in _facts.Topics.Values)
            topic.Error = code;
    }

    private void TakeConfigs(nint answer, ErrorCode error)
    {
        int broker = (int)LibRdKafka.rd_kafka_event_opaque(answer) - 1;
        if (broker >= 0)
            _facts.Brokers[broker].Answered = error is not (ErrorCode.Local_TimedOut or ErrorCode.Local_Transport or ErrorCode.Local_TimedOutQueue or ErrorCode.RequestTimedOut);
        if (error != ErrorCode.NoError)
            return;
        nuint count;
        nint* resources = LibRdKafka.rd_kafka_DescribeConfigs_result_resources(LibRdKafka.rd_kafka_event_DescribeConfigs_result(answer), &count);
        for (nuint i = 0; i < count; i++)
        {
            if (LibRdKafka.rd_kafka_ConfigResource_error(resources[i]) != 0)
                continue;
            nuint entries;
            nint* entry = LibRdKafka.rd_kafka_ConfigResource_configs(resources[i], &entries);
            string name = LibRdKafka.Text(LibRdKafka.rd_kafka_ConfigResource_name(resources[i]));
            for (nuint e = 0; e < entries; e++)
                TakeSetting(broker < 0 ? name : null, LibRdKafka.Text(LibRdKafka.rd_kafka_ConfigEntry_name(entry[e])), LibRdKafka.Text(LibRdKafka.rd_kafka_ConfigEntry_value(entry[e])));
        }
    }

    private void TakeSetting(string? topic, string name, string value)
    {
        if (topic is null && name == "auto.create.topics.enable")
            _facts.AutoCreate = value == "true";
        if (name != (topic is null ? "message.max.bytes" : "max.message.bytes") || !long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out long bytes))
            return;
        if (topic is null)
            _facts.MessageMaxBytes = Math.Min(bytes, _facts.MessageMaxBytes ?? long.MaxValue);
        else if (_facts.Topics.TryGetValue(topic, out TopicFacts? facts))
            facts.MaxMessageBytes = bytes;
    }

    /// <summary>Null where the list is empty: a broker that tells lists at least DESCRIBE, which it took to answer.</summary>
    private static bool? Holds(int* operations, nuint count, int wanted)
    {
        if (operations is null || count == 0)
            return null;
        for (nuint i = 0; i < count; i++)
        {
            if (operations[i] == wanted)
                return true;
        }

        return false;
    }
}
