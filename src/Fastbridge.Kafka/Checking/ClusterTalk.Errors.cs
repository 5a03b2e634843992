using System.Diagnostics;
using Confluent.Kafka;
using Fastbridge.Kafka.Interop;
using Fastbridge.Kafka.Producing;
using Fastbridge.Kafka.Security;

namespace Fastbridge.Kafka.Checking;

/// <content>Why the cluster cannot be asked.</content>
internal sealed unsafe partial class ClusterTalk
{
    private void TakeError(ErrorCode code, string text)
    {
        if (code == ErrorCode.Local_AllBrokersDown)
        {
            TimeSpan soon = Stopwatch.GetElapsedTime(_start) + SecondTry;
            _giveUp = soon < _giveUp ? soon : _giveUp;
            return;
        }

        text = settings.Scrubber.Clean(text);
        Trouble? trouble = settings.Troubles.Of((int)code, text);

        // The verdict on the certificate came before it, and says more.
        bool told = _trouble is { Kind: SinkFaultKind.TlsFailed } && text.Contains("certificate verify failed", StringComparison.Ordinal);
        (_lastError, _lastCode, _trouble) = (TroubleReader.WithoutDuration(text), code, told ? _trouble : trouble);
        // No second try mends a refused password or certificate.
        if (code is ErrorCode.Local_Authentication or ErrorCode.SaslAuthenticationFailed && _facts.Brokers.Count == 0)
            Fail(code, text);
    }

    /// <summary>An attempt that the broker ended; librdkafka tells it as no error.</summary>
    private void TakeEnded(string line)
    {
        int thread = line.IndexOf("]: ", StringComparison.Ordinal);
        string text = thread < 0 ? line : line[(thread + 3)..];
        if (settings.Troubles.Of((int)ErrorCode.Local_Transport, text) is not null)
            TakeError(ErrorCode.Local_Transport, text);
    }

    private void TakeLog(nint answer)
    {
        byte* facility;
        byte* text;
        int level;
        if (LibRdKafka.rd_kafka_event_log(answer, &facility, &text, &level) != 0)
            return;
        string name = LibRdKafka.Text(facility), line = settings.Scrubber.Clean(LibRdKafka.Text(text));
        if (name == CertificateCheck.Facility && settings.Troubles.OfCertificate(line) is { } verdict)
            _trouble = verdict;
        else if (name == "FAIL" && level > 3)
            TakeEnded(line);
    }

    private void Fail(ErrorCode code, string text)
    {
        if (_facts.Fault is not null)
            return;
        _facts.Fault = _trouble?.Text ?? settings.Scrubber.Clean(text);
        _facts.Remedy = _trouble?.Remedy;
        _facts.FaultCode = code;
    }
}
