using System.Collections.Immutable;
using Fastbridge.Mqtt.Protocol;

namespace Fastbridge.Mqtt;

/// <summary>What the server said in its CONNACK, reduced to what an application needs.</summary>
/// <param name="Connection">The connection's number; receipts of this connection carry it.</param>
/// <param name="SessionPresent">The server resumed the session: it will send again what it has no ack for [3.2.2.1.1].</param>
/// <param name="ClientId">The client identifier in force, the assigned one where the server assigned it.</param>
/// <param name="ReceiveMaximum">How many QoS 1 and 2 messages the server may leave unacknowledged on this connection; 65,535 in 3.1.1.</param>
/// <param name="FirstUnacknowledgedBefore">
/// The connection before this one: the first receipt sequence whose ack was not written. All from there on will be sent again where the session
/// was resumed; acks leave in receipt order, so one number tells it. 0 for the first connection.
/// </param>
public readonly record struct MqttConnected(int Connection, bool SessionPresent, string ClientId, int ReceiveMaximum, int FirstUnacknowledgedBefore);

/// <summary>A change of a connection's state, for logs and status. Never carries a payload or a secret.</summary>
public abstract record MqttEvent
{
    private MqttEvent()
    {
    }

    /// <summary>CONNACK accepted.</summary>
    /// <param name="StateLost">A resume was asked for and the server had no session although this client had one: what it had queued is gone.</param>
    public sealed record Connected(string Server, MqttVersion Version, string ClientId, bool SessionPresent, bool StateLost) : MqttEvent;

    /// <summary>SUBACK came; one grant a filter, in order.</summary>
    public sealed record Subscribed(ImmutableArray<SubscriptionGrant> Grants) : MqttEvent;

    /// <summary>The connection ended or could not be made; another attempt follows after <paramref name="RetryIn"/>.</summary>
    /// <param name="Reason">One line that begins with the address: where, what failed, and where known the remedy.</param>
    /// <param name="Repeated">The same reason as the time before: said already.</param>
    public sealed record Lost(string Server, string Reason, bool WasConnected, bool Repeated, TimeSpan RetryIn) : MqttEvent;

    /// <summary>Something an operator should know that did not end the connection (or made it fail the same way three times running).</summary>
    public sealed record Warned(string Text) : MqttEvent;
}

/// <summary>One filter's SUBACK code.</summary>
/// <param name="Code">0, 1, 2: the QoS granted; 0x80 and above: refused, see <c>ReasonCode</c>.</param>
public readonly record struct SubscriptionGrant(string Filter, QoS Asked, byte Code)
{
    /// <summary>Refused, or granted at a lower QoS than asked.</summary>
    public bool IsFault => Code != (byte)Asked;
}
