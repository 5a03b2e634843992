using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Fastbridge.Kafka.Interop;
using Fastbridge.Kafka.Mock;

namespace Fastbridge.Tests.Kafka;

/// <summary>
/// Our change to librdkafka: an answer about the cluster that comes while the client is destroyed, as when SIGTERM follows the start by milliseconds. Without the change librdkafka
/// reads through a null pointer, and the process that runs this ends.
/// </summary>
public sealed unsafe class AdminTerminateTests
{
    // librdkafka's main thread has the answer in hand and has not read it yet; its log is where it can be held.
    private const string AnswerCame = "worker called in state waiting for response";

    // The first thing that is said once the client is known to be ending.
    private const string Ending = "Interrupting timers";

    private static readonly ManualResetEventSlim Answered = new(), EndingBegan = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void an_answer_that_comes_while_the_client_is_destroyed_is_dropped(bool topics)
    {
        Answered.Reset();
        EndingBegan.Reset();
        using var kafka = new MockKafka();
        kafka.CreateTopic("t", 1);
        nint client = NewProducer(kafka.BootstrapServers);
        nint queue = LibRdKafka.rd_kafka_queue_get_main(client);
        nint options = LibRdKafka.rd_kafka_AdminOptions_new(client, topics ? LibRdKafka.AdminDescribeTopics : LibRdKafka.AdminDescribeCluster);
        if (topics)
        {
            byte letter = (byte)'t';
            byte* names = stackalloc byte[] { letter, 0 };
            nint collection = LibRdKafka.rd_kafka_TopicCollection_of_topic_names(&names, 1);
            LibRdKafka.rd_kafka_DescribeTopics(client, collection, options, queue);
            LibRdKafka.rd_kafka_TopicCollection_destroy(collection);
        }
        else
        {
            LibRdKafka.rd_kafka_DescribeCluster(client, options, queue);
        }

        LibRdKafka.rd_kafka_AdminOptions_destroy(options);
        bool answered = Answered.Wait(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        LibRdKafka.rd_kafka_queue_destroy(queue);
        LibRdKafka.rd_kafka_destroy(client);
        Assert.True(answered, "the answer did not come, or librdkafka says it in other words now");
        Assert.True(EndingBegan.IsSet, "librdkafka says in other words now that it is ending");
    }

    private static nint NewProducer(string bootstrapServers)
    {
        using var conf = new ConfHandle();
        foreach ((string name, string value) in ((string, string)[])[("bootstrap.servers", bootstrapServers), ("debug", "admin,generic")])
            Assert.Equal(LibRdKafka.ConfOk, conf.Set(name, value, out _));
        var set = (delegate* unmanaged<nint, delegate* unmanaged[Cdecl]<nint, int, byte*, byte*, void>, void>)NativeLibrary.GetExport(
            NativeLibrary.Load("librdkafka", typeof(LibRdKafka).Assembly, null), "rd_kafka_conf_set_log_cb");
        set(conf.Pointer, &OnLine);
        nint client = conf.NewProducer(out string error);
        Assert.True(client != 0, error);
        return client;
    }

    /// <summary>On the thread that says the line: the main thread stops here with the answer until the other thread has begun to destroy the client.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnLine(nint client, int level, byte* facility, byte* text)
    {
        string line = LibRdKafka.Text(text);
        if (line.Contains(Ending, StringComparison.Ordinal))
            EndingBegan.Set();
        if (!line.Contains(AnswerCame, StringComparison.Ordinal))
            return;
        Answered.Set();
        EndingBegan.Wait(TimeSpan.FromMinutes(1));
    }
}
