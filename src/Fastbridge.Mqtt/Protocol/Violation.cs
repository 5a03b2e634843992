namespace Fastbridge.Mqtt.Protocol;

/// <summary>A rule of MQTT that a peer can break. Immutable; all of them are in <see cref="Violations"/>.</summary>
/// <param name="Code">What to say in the DISCONNECT before closing (5.0); 3.1.1 just closes.</param>
/// <param name="Statement">What it cites: a normative statement (<c>MQTT-3.3.1-4</c>, numbered as in 5.0) or, where 5.0 gives none, a section (<c>3.3.2.3.4</c>).</param>
/// <param name="Text">The rule as one sentence without a full stop.</param>
public sealed record Violation(ReasonCode Code, string Statement, string Text);

/// <summary>A rule that was broken, and what broke it. Made only when a connection is about to end, so it may allocate.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Value">The offending value, readable and short: never a payload.</param>
public sealed record ProtocolViolation(Violation Rule, string Value)
{
    /// <summary>One line that names both, for logs and status.</summary>
    public string Message => $"{Rule.Text}, got {Value} [{Rule.Statement}]";

    public override string ToString() => Message;
}
