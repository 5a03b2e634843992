using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace Fastbridge.Tests.Support;

/// <summary>Makes and removes topics in a test's Kafka.</summary>
public static class KafkaTopics
{
    private static int _number;

    /// <summary>Creates a topic with a name of its own and returns the name. A mock cluster gives it as many partitions as it likes.</summary>
    public static async Task<string> CreateAsync(string bootstrap, string purpose = "test", int partitions = 3, params (string Name, string Value)[] settings)
    {
        string name = UniqueName(purpose);
        await CreateNamedAsync(bootstrap, name, partitions, settings);
        return name;
    }

    /// <summary>A name that no other test has, in this run or another.</summary>
    public static string UniqueName(string purpose) => $"{purpose}-{Environment.ProcessId}-{Random.Shared.Next():x8}-{Interlocked.Increment(ref _number)}";

    public static async Task CreateNamedAsync(string bootstrap, string name, int partitions = 3, params (string Name, string Value)[] settings)
    {
        using IAdminClient admin = Admin(bootstrap);
        if (MockCluster.Is(bootstrap))
        {
            if (settings.Length > 0) TestTools.Skip($"the mock cluster knows no topic settings: set {TestTools.ToolsSetting} or {TestTools.KafkaSetting}");
            await UntilAsync(() => TryPartitions(admin, name) > 0, name);
            return;
        }

        await admin.CreateTopicsAsync(
            [new TopicSpecification { Name = name, NumPartitions = partitions, ReplicationFactor = 1, Configs = settings.ToDictionary(s => s.Name, s => s.Value) }],
            new CreateTopicsOptions { OperationTimeout = TestTools.Guard, RequestTimeout = TestTools.Guard });
        // Created in the controller is not yet known to the broker.
        await UntilAsync(() => TryPartitions(admin, name) == partitions, name);
    }

    public static async Task DeleteAsync(string bootstrap, string name)
    {
        using IAdminClient admin = Admin(bootstrap);
        await admin.DeleteTopicsAsync([name], new DeleteTopicsOptions { OperationTimeout = TestTools.Guard, RequestTimeout = TestTools.Guard });
    }

    /// <summary>How many partitions a topic has.</summary>
    public static int Partitions(string bootstrap, string name)
    {
        using IAdminClient admin = Admin(bootstrap);
        int count = TryPartitions(admin, name);
        return count > 0 ? count : throw new InvalidOperationException($"the Kafka topic {name} does not exist");
    }

    /// <summary>How many partitions a topic has that exists: a Kafka that has just come back may not know it yet, and is asked again.</summary>
    public static int WaitForPartitions(string bootstrap, string name)
    {
        using IAdminClient admin = Admin(bootstrap);
        DateTime deadline = DateTime.UtcNow + TestTools.Guard;
        while (true)
        {
            int count = TryPartitions(admin, name);
            if (count > 0) return count;
            if (DateTime.UtcNow > deadline) throw new TimeoutException($"Kafka does not know the topic {name} after {TestTools.Guard.TotalSeconds} s");
            Thread.Sleep(20);
        }
    }

    private static async Task UntilAsync(Func<bool> known, string name)
    {
        DateTime deadline = DateTime.UtcNow + TestTools.Guard;
        while (!known())
        {
            if (DateTime.UtcNow > deadline) throw new TimeoutException($"Kafka does not know the topic {name} {TestTools.Guard.TotalSeconds} s after it was created");
            await Task.Delay(20);
        }
    }

    private static int TryPartitions(IAdminClient admin, string name)
    {
        try
        {
            TopicMetadata topic = admin.GetMetadata(name, TestTools.Guard).Topics.Single();
            return topic.Error.IsError ? 0 : topic.Partitions.Count;
        }
        catch (KafkaException e) when (!e.Error.IsFatal)
        {
            // It has just come up, and closed a connection that came too early.
            return 0;
        }
    }

    private static IAdminClient Admin(string bootstrap) =>
        new AdminClientBuilder(new AdminClientConfig { BootstrapServers = bootstrap, AllowAutoCreateTopics = MockCluster.Is(bootstrap) })
            .SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
}
