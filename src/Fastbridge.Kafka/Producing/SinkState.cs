using Confluent.Kafka;

namespace Fastbridge.Kafka.Producing;

/// <summary>What kind of fault lies on the way to Kafka. Each is said once until it is over or another takes its place.</summary>
internal enum SinkFaultKind
{
    None,
    Unreachable,
    NameUnknown,
    TlsFailed,
    AuthenticationFailed,
    Fatal,
}

/// <summary>
/// Makes a state out of librdkafka's errors, which come for every broker and every attempt: a fault is told once, with the reason behind it, and
/// is over when a record is delivered or a broker answers. Pure: no thread, no socket.
/// </summary>
internal sealed class SinkState(SecretScrubber scrubber)
{
    private string _lastTransportError = "";

    public SinkFaultKind Kind { get; private set; }

    /// <summary>One line, or null while all is well.</summary>
    public string? Fault { get; private set; }

    /// <summary>An error event. True when the state changed and <see cref="Fault"/> is to be told.</summary>
    public bool OnError(int error, string text)
    {
        text = WithoutDuration(scrubber.Clean(text));
        switch ((ErrorCode)error)
        {
            case ErrorCode.Local_Resolve:
                return Enter(SinkFaultKind.NameUnknown, $"host name not found: {text}; check bootstrap_servers and DNS");
            case ErrorCode.Local_Ssl:
                return Enter(SinkFaultKind.TlsFailed, $"TLS failed: {text}; check security.protocol, ssl.ca.location and the certificates");
            case ErrorCode.Local_Authentication:
                return Enter(SinkFaultKind.AuthenticationFailed, $"authentication failed: {text}; check sasl.mechanism, sasl.username and sasl.password");
            case ErrorCode.Local_Transport:
            case ErrorCode.Local_TimedOut:
                _lastTransportError = text;
                return Kind == SinkFaultKind.Unreachable && Fault == NoBroker("") && Enter(SinkFaultKind.Unreachable, NoBroker(text), again: true);
            case ErrorCode.Local_AllBrokersDown:
                // A reason that is known already says more than that no broker is up; one that is not known follows at once, as the last broker's
                // own error, and is told then: one fault, one line.
                return Kind == SinkFaultKind.None && Enter(SinkFaultKind.Unreachable, NoBroker(_lastTransportError)) && _lastTransportError.Length > 0;
            default:
                return false;
        }
    }

    /// <summary>The producer met a fatal error. True when to be told.</summary>
    public bool OnFatal(string reason)
        => Enter(SinkFaultKind.Fatal, $"producer is being rebuilt after a fatal error: {WithoutDuration(scrubber.Clean(reason))}");

    /// <summary>A record was delivered. True when a fault is over by that.</summary>
    public bool OnDelivered() => Clear();

    /// <summary>A broker answered. It ends every fault but a fatal error, which only a delivery disproves.</summary>
    public bool OnBrokerAnswered() => Kind != SinkFaultKind.Fatal && Clear();

    private static string NoBroker(string reason)
        => reason.Length == 0 ? "no Kafka broker can be reached" : $"no Kafka broker can be reached: {reason}";

    private bool Enter(SinkFaultKind kind, string fault, bool again = false)
    {
        if (Kind == kind && !again)
            return false;
        Kind = kind;
        Fault = fault;
        return true;
    }

    private bool Clear()
    {
        if (Kind == SinkFaultKind.None)
            return false;
        Kind = SinkFaultKind.None;
        Fault = null;
        _lastTransportError = "";
        return true;
    }

    // "… Connection refused (after 3ms in state CONNECT, 5 identical error(s) suppressed)": the end says nothing to a user.
    private static string WithoutDuration(string text)
    {
        int start = text.LastIndexOf(" (after ", StringComparison.Ordinal);
        return start > 0 ? text[..start] : text;
    }
}
