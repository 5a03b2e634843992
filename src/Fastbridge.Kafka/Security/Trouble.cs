using Fastbridge.Kafka.Producing;

namespace Fastbridge.Kafka.Security;

/// <summary>What is wrong between us and a broker.</summary>
/// <param name="end">The broker, host:port; empty where it is not known.</param>
/// <param name="text">Which check failed.</param>
/// <param name="remedy">What to do about it; null where the text says it.</param>
internal sealed class Trouble(SinkFaultKind kind, string end, string text, string? remedy)
{
    public SinkFaultKind Kind { get; } = kind;

    public string End { get; } = end;

    public string Text { get; } = text;

    public string? Remedy { get; } = remedy;

    /// <summary>One line.</summary>
    public string Line => Remedy is null ? Text : $"{Text}; {Remedy}";
}
