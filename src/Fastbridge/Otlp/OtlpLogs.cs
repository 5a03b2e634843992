using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Fastbridge.Otlp;

/// <summary>
/// Keeps log lines until they are sent: the same text that the log shows, so never a payload or a secret. At most <see cref="Most"/>; what comes while a collector is
/// away for long pushes out the oldest, and their number is told. Any thread.
/// </summary>
internal sealed class OtlpLogs(OtlpSettings settings, TimeProvider time) : ILoggerProvider
{
    /// <summary>2,048, the specification's queue: half a megabyte.</summary>
    public const int Most = 2_048;

    /// <summary>512, the specification's batch.</summary>
    private const int Batch = 512;

    private readonly Lock _lock = new();
    private readonly Queue<Line> _lines = new();
    private readonly ProtoWriter _proto = new();
    private long _lost;
    private int _taken;

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    /// <summary>The next batch as an ExportLogsServiceRequest, valid until the next call; empty where there is none. One thread.</summary>
    public ReadOnlyMemory<byte> Next()
    {
        Line[] batch;
        long lost;
        lock (_lock)
        {
            _taken = Math.Min(_lines.Count, Batch);
            if (_taken == 0)
                return default;
            batch = new Line[_taken];
            for (int i = 0; i < batch.Length; i++)
            {
                batch[i] = _lines.Dequeue();
                _lines.Enqueue(batch[i]);
            }

            // Once around, so that they stand where they stood: they leave only when they are sent.
            for (int i = batch.Length; i < _lines.Count; i++)
                _lines.Enqueue(_lines.Dequeue());
            lost = _lost;
        }

        _proto.Clear();
        int resource = OtlpParts.BeginResource(_proto, settings);
        int scope = OtlpParts.BeginScope(_proto);
        if (lost > 0)
            Write(new Line(time.GetUtcNow(), LogLevel.Warning, 4_204, "fastbridge.otlp", string.Create(CultureInfo.InvariantCulture, $"{lost} log lines before these were not sent: the collector was away for too long")));
        foreach (Line line in batch)
            Write(line);
        _proto.End(scope);
        _proto.End(resource);
        return _proto.Written;
    }

    /// <summary>The batch is with the collector, or refused for good.</summary>
    public void Sent()
    {
        lock (_lock)
        {
            _lost = 0;
            for (; _taken > 0 && _lines.Count > 0; _taken--)
                _lines.Dequeue();
        }
    }

    public void Dispose()
    {
    }

    private void Add(Line line)
    {
        lock (_lock)
        {
            if (_lines.Count == Most)
            {
                _lines.Dequeue();
                _lost++;
                _taken = Math.Max(0, _taken - 1); // It may be of the batch that is on its way.
            }

            _lines.Enqueue(line);
        }
    }

    private void Write(Line line)
    {
        int record = _proto.Begin(2);
        _proto.Fixed(1, OtlpMetrics.Nanoseconds(line.At));
        (ulong severity, string text) = line.Level switch
        {
            LogLevel.Trace => (1UL, "TRACE"),
            LogLevel.Debug => (5UL, "DEBUG"),
            LogLevel.Information => (9UL, "INFO"),
            LogLevel.Warning => (13UL, "WARN"),
            LogLevel.Error => (17UL, "ERROR"),
            _ => (21UL, "FATAL"),
        };
        _proto.Number(2, severity);
        _proto.Text(3, text);
        OtlpParts.Value(_proto, 5, line.Text);
        OtlpParts.Attribute(_proto, 6, "logger", line.Logger);
        OtlpParts.Attribute(_proto, 6, "event.id", line.Id.ToString(CultureInfo.InvariantCulture));
        _proto.Fixed(11, OtlpMetrics.Nanoseconds(line.At));
        _proto.End(record);
    }

    private sealed record Line(DateTimeOffset At, LogLevel Level, int Id, string Logger, string Text);

    private sealed class Logger(OtlpLogs logs, string name) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel is not LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            string text = formatter(state, exception);
            logs.Add(new Line(logs.Now, logLevel, eventId.Id, name, exception is null ? text : $"{text}: {exception.GetType().Name}: {exception.Message}"));
        }
    }

    private DateTimeOffset Now => time.GetUtcNow();
}
