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
    public sealed record Connected(string Server, MqttVersion Version, string ClientId, bool SessionPresent, bool StateLost) : MqttEvent
    {
        /// <summary>The address of the connection before, where it was another server's; else null.</summary>
        public string? Before { get; init; }
    }

    /// <summary>The connection is about to be made anew, on the client's own wish; the session stays.</summary>
    /// <param name="Reason">One line, without the address.</param>
    public sealed record Renewing(string Server, string Reason) : MqttEvent;

    /// <summary>SUBACK came; one grant a filter, in order.</summary>
    public sealed record Subscribed(ImmutableArray<SubscriptionGrant> Grants) : MqttEvent;

    /// <summary>UNSUBACK came for these filters: the server begins no new delivery under them; what it had queued before may still come [3.10.4].</summary>
    public sealed record Unsubscribed(ImmutableArray<string> Filters) : MqttEvent;

    /// <summary>The connection ended or could not be made; another attempt follows after <paramref name="RetryIn"/>.</summary>
    /// <param name="Reason">One line that begins with the address: where, what failed, and where known the remedy.</param>
    /// <param name="Repeated">The same reason as the time before: said already.</param>
    public sealed record Lost(string Server, string Reason, bool WasConnected, bool Repeated, TimeSpan RetryIn) : MqttEvent
    {
        /// <summary>The code of the CONNACK that refused the connection (3.1.1's as 5.0's of the same meaning); null where it ended otherwise.</summary>
        public ReasonCode? Refusal { get; init; }

        /// <summary>Where the next attempt goes, where that is another server; else null.</summary>
        public string? Next { get; init; }

        /// <summary>More servers are to be tried at once, before anything is known to fail.</summary>
        public bool RoundGoesOn { get; init; }
    }

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
