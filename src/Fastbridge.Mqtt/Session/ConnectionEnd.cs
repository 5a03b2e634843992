using Fastbridge.Mqtt.Protocol;

namespace Fastbridge.Mqtt.Session;

/// <summary>Why a connection ended or did not come about.</summary>
/// <param name="Reason">One line for an operator, without the address.</param>
/// <param name="Violation">The rule that the server broke; it is told by DISCONNECT [4.13].</param>
/// <param name="WaitLong">Trying again soon would do harm (another client has our identifier) or cannot help.</param>
/// <param name="Refusal">The code of a CONNACK that refused; null where there was none.</param>
/// <param name="Reference">Where the server sends us [4.11], as it says it; null where nowhere.</param>
internal sealed record ConnectionEnd(
    string Reason, ProtocolViolation? Violation = null, bool WaitLong = false, ReasonCode? Refusal = null, string? Reference = null)
{
    public static ConnectionEnd Broken(ProtocolViolation violation) => new($"the server broke the protocol: {violation.Message}", violation);
}
