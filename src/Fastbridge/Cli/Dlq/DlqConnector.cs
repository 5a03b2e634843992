using System.Globalization;
using Confluent.Kafka;
using Fastbridge.Core.Config;
using Fastbridge.Core.Delivery;
using Fastbridge.Kafka.Reading;

namespace Fastbridge.Cli.Dlq;

/// <summary>The dead letters of one connector, wherever they are. What cannot be read is said on stderr, one line, and the rest goes on.</summary>
internal sealed class DlqConnector(ConnectorConfig config, string stateDir, string command)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly DeadLetterBox _box = DeadLetterBox.Of(stateDir, config.Name);

    /// <summary>Adds all letters; false where some could not be read.</summary>
    /// <param name="all">Also those of the Kafka topic that have been replayed.</param>
    public async Task<bool> ReadAsync(List<DeadLetter> letters, bool all, CancellationToken cancellation)
    {
        bool whole = ReadFile(letters);
        if (config.Failure.TopicName is not { } topic)
            return whole;
        try
        {
            await Task.Run(() => letters.AddRange(ReadTopic(topic, all, cancellation)), cancellation).ConfigureAwait(false);
            return whole;
        }
        catch (KafkaException e)
        {
            return Say($"{config.Name}: Kafka topic \"{topic}\" cannot be read: {e.Error.Reason.TrimEnd('.')}; see bootstrap_servers {config.Kafka.BootstrapServers} and READ rights");
        }
    }

    /// <summary>Produces the records again: first the Kafka topic's, which are the older of two that belong together, then the file's.</summary>
    public async Task<bool> ReplayAsync(IRecordSinkFactory sinks, bool dryRun, TextWriter output, CancellationToken cancellation)
    {
        if (dryRun)
        {
            List<DeadLetter> letters = [];
            bool whole = await ReadAsync(letters, all: false, cancellation).ConfigureAwait(false);
            foreach (DeadLetter letter in letters)
                await output.WriteLineAsync($"{config.Name}: {letter.Id} would be produced to \"{DlqWriter.Plain(letter.KafkaTopic)}\"{(letter.Value is null ? ", but its payload was not kept" : "")}").ConfigureAwait(false);
            return whole;
        }

        try
        {
            await using var replay = new DeadLetterReplay(sinks, config.Kafka);
            bool whole = config.Failure.TopicName is not { } topic || await ReplayTopicAsync(replay, topic, output, cancellation).ConfigureAwait(false);
            return await ReplayFileAsync(replay, output, cancellation).ConfigureAwait(false) && whole;
        }
        catch (KafkaException e)
        {
            return Say($"{config.Name}: Kafka topic \"{config.Failure.TopicName}\": {e.Error.Reason.TrimEnd('.')}; nothing is lost, replay again");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SinkConfigurationException)
        {
            return Say($"{config.Name}: {e.Message.TrimEnd('.')}; nothing is lost, mend it and replay again");
        }
    }

    private async Task<bool> ReplayFileAsync(DeadLetterReplay replay, TextWriter output, CancellationToken cancellation)
    {
        if (!File.Exists(_box.Path))
            return true;
        using IDisposable held = _box.HoldForReplay();
        List<DeadLetter> letters = [];
        bool whole = ReadFile(letters);
        List<DeadLetter> done = [];
        int failed = 0;
        try
        {
            for (int at = 0; at < letters.Count; at += DeadLetterReplay.AtATime)
            {
                List<DeadLetter> some = letters.GetRange(at, Math.Min(DeadLetterReplay.AtATime, letters.Count - at));
                (IReadOnlyList<DeadLetter> delivered, IReadOnlyList<(DeadLetter Letter, string Reason)> refused) = await replay.SendAsync(some, cancellation).ConfigureAwait(false);
                done.AddRange(delivered);
                failed += Tell(refused);
            }
        }
        finally
        {
            _box.Remove(done); // Also when interrupted: what Kafka has need not come twice.
        }

        await output.WriteLineAsync($"{config.Name}: {done.Count} records of {_box.Path} produced again and taken out, {failed} left").ConfigureAwait(false);
        return whole && failed == 0;
    }

    private async Task<bool> ReplayTopicAsync(DeadLetterReplay replay, string topic, TextWriter output, CancellationToken cancellation)
    {
        using KafkaBacklog backlog = Backlog(topic);
        List<DeadLetter> letters = [];
        Dictionary<int, long> next = [];
        foreach (KafkaRecord record in backlog.Read(all: false, cancellation))
        {
            if (Parse(record) is { } letter && letter.ConnectorName == config.Name)
                letters.Add(letter);
            next[record.Partition] = record.Offset + 1;
        }

        int count = 0, failed = 0;
        for (int at = 0; at < letters.Count; at += DeadLetterReplay.AtATime)
        {
            List<DeadLetter> some = letters.GetRange(at, Math.Min(DeadLetterReplay.AtATime, letters.Count - at));
            (IReadOnlyList<DeadLetter> delivered, IReadOnlyList<(DeadLetter Letter, string Reason)> refused) = await replay.SendAsync(some, cancellation).ConfigureAwait(false);
            count += delivered.Count;
            failed += Tell(refused);

            // What failed, and all behind it in its partition, is replayed again: a topic has one mark a partition.
            foreach ((DeadLetter letter, string _) in refused)
            {
                string[] parts = letter.Id.Split(':');
                int partition = int.Parse(parts[1], CultureInfo.InvariantCulture);
                next[partition] = Math.Min(next[partition], long.Parse(parts[2], CultureInfo.InvariantCulture));
            }
        }

        backlog.Commit(next);
        await output.WriteLineAsync($"{config.Name}: {count} records of Kafka topic \"{topic}\" produced again, {failed} left").ConfigureAwait(false);
        return failed == 0;
    }

    private List<DeadLetter> ReadTopic(string topic, bool all, CancellationToken cancellation)
    {
        using KafkaBacklog backlog = Backlog(topic);
        List<DeadLetter> letters = [];
        foreach (KafkaRecord record in backlog.Read(all, cancellation))
        {
            if (Parse(record) is { } letter && letter.ConnectorName == config.Name)
                letters.Add(letter); // Connectors may share a topic; what is no letter is nobody's.
        }

        return letters;
    }

    private bool ReadFile(List<DeadLetter> letters)
    {
        try
        {
            letters.AddRange(_box.Read(out int damaged));
            return damaged == 0 || Say($"{_box.Path}: {damaged} damaged lines are left out; they stay in the file");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Say($"{_box.Path}: {e.Message.TrimEnd('.')}; run this as the bridge's user");
        }
    }

    private static DeadLetter? Parse(KafkaRecord record) =>
        record.Value is null ? null : DeadLetter.Parse(record.Value, string.Create(CultureInfo.InvariantCulture, $"kafka:{record.Partition}:{record.Offset}"));

    private KafkaBacklog Backlog(string topic) =>
        new(config.Kafka.BootstrapServers, topic, $"fastbridge-dlq-{config.Name}", config.Kafka.Properties, Patience);

    private int Tell(IReadOnlyList<(DeadLetter Letter, string Reason)> refused)
    {
        foreach ((DeadLetter letter, string reason) in refused)
            Say($"{config.Name}: {letter.Id} is not produced: {reason}");
        return refused.Count;
    }

    private bool Say(string line)
    {
        Console.Error.WriteLine($"{command}: {DlqWriter.Plain(line)}");
        return false;
    }
}
