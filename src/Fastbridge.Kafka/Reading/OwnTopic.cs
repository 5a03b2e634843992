using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace Fastbridge.Kafka.Reading;

/// <summary>A topic that a tool makes for itself, and deletes when it has done. Any thread.</summary>
public sealed class OwnTopic : IAsyncDisposable
{
    private readonly IAdminClient _admin;
    private readonly string _topic;

    private OwnTopic(IAdminClient admin, string topic)
    {
        _admin = admin;
        _topic = topic;
    }

    /// <param name="patience">Until Kafka has answered.</param>
    /// <exception cref="KafkaException">Kafka does not answer in time, or refuses; also where there is such a topic.</exception>
    public static async Task<OwnTopic> CreateAsync(string bootstrapServers, string topic, int partitions, TimeSpan patience)
    {
        var config = new AdminClientConfig { BootstrapServers = bootstrapServers };
        IAdminClient admin = new AdminClientBuilder(config).SetErrorHandler((_, _) => { }).SetLogHandler((_, _) => { }).Build();
        try
        {
            var wanted = new TopicSpecification { Name = topic, NumPartitions = partitions, ReplicationFactor = -1 };
            await admin.CreateTopicsAsync([wanted], new CreateTopicsOptions { RequestTimeout = patience, OperationTimeout = patience }).ConfigureAwait(false);
            return new OwnTopic(admin, topic);
        }
        catch (CreateTopicsException e) when (e.Results is [{ Error: { } error }])
        {
            admin.Dispose();
            throw new KafkaException(error);
        }
        catch
        {
            admin.Dispose();
            throw;
        }
    }

    /// <summary>Deletes it. A cluster that does not let that be done keeps it; that is no fault of what was done with it.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await _admin.DeleteTopicsAsync([_topic], new DeleteTopicsOptions { RequestTimeout = TimeSpan.FromSeconds(10) }).ConfigureAwait(false);
        }
        catch (KafkaException)
        {
            // Said above.
        }

        _admin.Dispose();
    }
}
