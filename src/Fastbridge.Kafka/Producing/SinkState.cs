using Confluent.Kafka;
using Fastbridge.Kafka.Security;

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
internal sealed class SinkState(SecretScrubber scrubber, TroubleReader reader)
{
    private string _end = "";
    private string _lastTransportError = "";

    // A broker that just ends looks like one of another kind: what it says of itself by refusing the next connection is no question.
    private bool _lastIsGuess;
    private bool _isGuess;

    public SinkFaultKind Kind { get; private set; }

    /// <summary>One line, or null while all is well.</summary>
    public string? Fault { get; private set; }

    /// <summary>An error event. True when the state changed and <see cref="Fault"/> is to be told.</summary>
    public bool OnError(int error, string text)
    {
        text = scrubber.Clean(text);
        Trouble? trouble = reader.Of(error, text);

        // It was told already, and better, by the verdict on the certificate.
        if (Kind == SinkFaultKind.TlsFailed && text.Contains("certificate verify failed", StringComparison.Ordinal))
            return false;
        if (trouble is not null && trouble.Kind != SinkFaultKind.Unreachable)
            return Enter(trouble);
        text = trouble?.Line ?? TroubleReader.WithoutDuration(text);
        switch (trouble is null ? (ErrorCode)error : ErrorCode.Local_Transport)
        {
            case ErrorCode.Local_Transport:
            case ErrorCode.Local_TimedOut:
                (_lastTransportError, _lastIsGuess) = (text, trouble is not null);
                if (Kind != SinkFaultKind.Unreachable || (Fault != NoBroker("") && (!_isGuess || _lastIsGuess)))
                    return false;
                _isGuess = _lastIsGuess;
                return Enter(SinkFaultKind.Unreachable, NoBroker(text), again: true);
            case ErrorCode.Local_AllBrokersDown:
                // A reason that is known already says more than that no broker is up; one that is not known follows at once, as the last broker's
                // own error, and is told then: one fault, one line.
                if (Kind != SinkFaultKind.None)
                    return false;
                _isGuess = _lastIsGuess;
                return Enter(SinkFaultKind.Unreachable, NoBroker(_lastTransportError)) && _lastTransportError.Length > 0;
            default:
                return false;
        }
    }

    /// <summary>A broker ended a connection; librdkafka only logs it. What it may mean is the reason where no broker is left. True when to be told.</summary>
    public bool OnEnded(string line) => reader.Of((int)ErrorCode.Local_Transport, scrubber.Clean(line)) is not null && OnError((int)ErrorCode.Local_Transport, line);

    /// <summary>A log line of <see cref="CertificateCheck"/>. True when to be told.</summary>
    public bool OnCertificate(string line) => reader.OfCertificate(scrubber.Clean(line)) is { } trouble && Enter(trouble);

    /// <summary>The producer met a fatal error. True when to be told.</summary>
    public bool OnFatal(string reason)
        => Enter(SinkFaultKind.Fatal, $"producer is being rebuilt after a fatal error: {TroubleReader.WithoutDuration(scrubber.Clean(reason))}");

    /// <summary>A record was delivered. True when a fault is over by that.</summary>
    public bool OnDelivered() => Clear();

    /// <summary>A broker answered. It ends every fault but a fatal error, which only a delivery disproves.</summary>
    public bool OnBrokerAnswered() => Kind != SinkFaultKind.Fatal && Clear();

    private static string NoBroker(string reason)
        => reason.Length == 0 ? "no Kafka broker can be reached" : $"no Kafka broker can be reached: {reason}";

    // What is wrong now at a broker that was named before is news; what is wrong at another beside it would be told in turns for ever.
    private bool Enter(Trouble trouble)
    {
        bool again = trouble.End == _end && trouble.Line != Fault;
        if (!Enter(trouble.Kind, trouble.Line, again))
            return false;
        _end = trouble.End;
        return true;
    }

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
        (_lastTransportError, _lastIsGuess, _isGuess) = ("", false, false);
        return true;
    }
}
