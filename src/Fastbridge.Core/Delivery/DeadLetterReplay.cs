using System.Text;
using Fastbridge.Core.Config;
using Fastbridge.Core.Records;

namespace Fastbridge.Core.Delivery;

/// <summary>Produces the records of dead letters to their Kafka topics again, as they were: value, key, headers and timestamp. One use, one caller.</summary>
public sealed class DeadLetterReplay : IDeliveryListener, IAsyncDisposable
{
    /// <summary>So many await their reports at a time: memory stays small, and a replay that is cut off repeats at most these.</summary>
    public const int AtATime = 500;

    private readonly Lock _lock = new();
    private readonly Dictionary<int, DeadLetter> _out = [];
    private readonly List<DeadLetter> _delivered = [];
    private readonly List<(DeadLetter, string)> _failed = [];
    private readonly Queue<DeadLetter> _suspects = [];
    private readonly SemaphoreSlim _changed = new(0);
    private readonly IRecordSink _sink;
    private string? _state;
    private bool _alone;

    /// <param name="kafka">The connector's; its message_timeout_ms bounds how long a record is tried, for a command must end.</param>
    /// <exception cref="SinkConfigurationException">The settings are refused.</exception>
    public DeadLetterReplay(IRecordSinkFactory sinks, KafkaConfig kafka) =>
        _sink = sinks.Open(kafka with { DeliveryTimeoutMs = kafka.MessageTimeoutMs }, this);

    /// <summary>
    /// Produces these, at most <see cref="AtATime"/>, in their order, and awaits every report. A report condemns a whole batch, so what came back with one is then produced
    /// once more, each alone: only what fails alone has failed.
    /// </summary>
    /// <returns>Those that Kafka has, and those that it has not, with the reason.</returns>
    public async Task<(IReadOnlyList<DeadLetter> Delivered, IReadOnlyList<(DeadLetter Letter, string Reason)> Failed)> SendAsync(
        IReadOnlyList<DeadLetter> letters, CancellationToken cancellation)
    {
        lock (_lock)
        {
            _delivered.Clear();
            _failed.Clear();
            _suspects.Clear();
            _alone = false;
        }

        for (int slot = 0; slot < letters.Count; slot++)
            await ProduceAsync(letters[slot], slot, cancellation).ConfigureAwait(false);
        await WhenReportedAsync(cancellation).ConfigureAwait(false);
        try
        {
            while (NextSuspect() is { } suspect)
            {
                await ProduceAsync(suspect, 0, cancellation).ConfigureAwait(false);
                await WhenReportedAsync(cancellation).ConfigureAwait(false);
            }
        }
        finally
        {
            _sink.EndAlone();
        }

        lock (_lock)
            return ([.. _delivered], [.. _failed]);
    }

    public void OnDelivered(ReadOnlySpan<int> slots)
    {
        lock (_lock)
        {
            foreach (int slot in slots)
            {
                if (_out.Remove(slot, out DeadLetter? letter))
                    _delivered.Add(letter);
            }
        }
    }

    public void OnFailed(in FailedRecord record)
    {
        lock (_lock)
        {
            if (!_out.Remove(record.Slot, out DeadLetter? letter))
                return;
            if (!_alone && record.Fault is (DeliveryFault.Refused or DeliveryFault.TryAgain))
                _suspects.Enqueue(letter); // Perhaps another's fault.
            else
                _failed.Add((letter, _state is null ? record.Reason : $"{record.Reason} ({_state})"));
        }
    }

    public void OnReportsEnd() => _changed.Release();

    public void OnRoom() => _changed.Release();

    public void OnSinkState(string? fault)
    {
        lock (_lock)
            _state = fault;
    }

    public ValueTask DisposeAsync() => _sink.DisposeAsync();

    private DeadLetter? NextSuspect()
    {
        lock (_lock)
        {
            _alone = true;
            return _suspects.TryDequeue(out DeadLetter? suspect) ? suspect : null;
        }
    }

    private async Task WhenReportedAsync(CancellationToken cancellation)
    {
        _sink.Hurry();
        while (true)
        {
            lock (_lock)
            {
                if (_out.Count == 0)
                    return;
            }

            await _changed.WaitAsync(cancellation).ConfigureAwait(false);
        }
    }

    private async Task ProduceAsync(DeadLetter letter, int slot, CancellationToken cancellation)
    {
        if (letter.Value is null || KafkaTopicName.Check(letter.KafkaTopic) is not null)
        {
            string why = letter.Value is null ? "its payload was too large to be kept" : KafkaTopicName.Check(letter.KafkaTopic)!;
            lock (_lock)
                _failed.Add((letter, why));
            return;
        }

        IRecordTopic topic = _sink.GetTopic(letter.KafkaTopic);
        lock (_lock)
            _out[slot] = letter;
        while (true)
        {
            ProduceStatus status = Produce(topic, letter, slot);
            if (status is ProduceStatus.Queued)
                return;
            if (status is ProduceStatus.QueueFull or ProduceStatus.Rebuilding)
            {
                await _changed.WaitAsync(cancellation).ConfigureAwait(false);
                continue;
            }

            lock (_lock)
            {
                _out.Remove(slot);
                _failed.Add((letter, status is ProduceStatus.TooLarge ? "the record exceeds message.max.bytes" : $"Kafka topic \"{letter.KafkaTopic}\" is unknown, or does not take the record"));
            }

            return;
        }
    }

    private ProduceStatus Produce(IRecordTopic topic, DeadLetter letter, int slot)
    {
        var record = new OutgoingRecord
        {
            Value = letter.Value,
            HasKey = letter.Key is not null,
            Key = letter.Key,
            Headers = letter.Headers,
            PartitionHash = Murmur2.Positive(Encoding.UTF8.GetBytes(letter.SourceTopic)),
            TimestampMs = letter.KafkaTimestamp,
        };
        return _alone ? _sink.TryProduceAlone(topic, in record, slot) : _sink.TryProduce(topic, in record, slot);
    }
}
