using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography.X509Certificates;
using System.Text.Unicode;
using Fastbridge.Kafka.Interop;

namespace Fastbridge.Kafka.Security;

/// <summary>
/// Looks on while OpenSSL checks brokers' certificates in librdkafka. It changes no verdict; where one is bad it says why, which librdkafka's error does not: its text is the same for
/// whatever is wrong. The words come back as a log line of librdkafka's, <see cref="Facility"/>.
/// </summary>
internal static unsafe class CertificateCheck
{
    /// <summary>Of the log line.</summary>
    public const string Facility = "SSLCERTVRFY";

    private const string Lead = "verification callback failed: ";

    public static delegate* unmanaged[Cdecl]<nint, byte*, int, int*, int, byte*, nuint, byte*, nuint, nint, int> Pointer => &Check;

    /// <summary>What <see cref="Check"/> wrote into a log line: the fault, the broker (host:port) and the words; false where the line is another one.</summary>
    public static bool TryRead(string line, out CertificateFault fault, out string end, out string words)
    {
        (fault, end, words) = (CertificateFault.Other, "", "");
        int start = line.IndexOf(Lead, StringComparison.Ordinal);
        if (start < 0)
            return false;
        string[] parts = line[(start + Lead.Length)..].Split(' ', 3);
        if (parts.Length < 3 || !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int code))
            return false;
        (fault, end, words) = (Of(code), parts[1], parts[2]);
        if (fault == CertificateFault.Other)
            words = $"{words} (OpenSSL's verification error {parts[0]})";
        return true;
    }

    // x509_vfy.h.
    internal static CertificateFault Of(int error) => error switch
    {
        9 => CertificateFault.NotYetValid,
        10 => CertificateFault.Expired,
        23 => CertificateFault.Revoked,
        62 or 63 or 64 => CertificateFault.OtherName,

        // No issuer to be found; self-signed; a signature that does not fit, as when an authority was made anew under its old name.
        2 or 7 or 18 or 19 or 20 or 21 or 27 or 30 => CertificateFault.UnknownAuthority,
        _ => CertificateFault.Other,
    };

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Check(nint client, byte* broker, int brokerId, int* error, int depth, byte* der, nuint size, byte* text, nuint textSize, nint opaque)
    {
        if (*error == 0)
            return 1;
        string end = LibRdKafka.Text(broker);
        string words = "its certificate cannot be read";
        try
        {
            int colon = end.LastIndexOf(':');
            using X509Certificate2 certificate = X509CertificateLoader.LoadCertificate(new ReadOnlySpan<byte>(der, (int)size));
            words = CertificateWords.Of(Of(*error), certificate, depth == 0, colon < 0 ? end : end[..colon]);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Nothing may leave this frame but its result.
        }

        var room = new Span<byte>(text, (int)textSize - 1);
        Utf8.FromUtf16(string.Create(CultureInfo.InvariantCulture, $"{*error} {end} {Plain(words)}"), room, out _, out int written);
        room[written..].Clear();
        text[textSize - 1] = 0;
        return 0;
    }

    // A certificate's names are its maker's: nothing of them may steer a terminal.
    private static string Plain(string words) => string.Create(words.Length, words, static (line, from) =>
    {
        for (int i = 0; i < line.Length; i++)
            line[i] = char.IsControl(from[i]) || from[i] is '\u2028' or '\u2029' ? ' ' : from[i];
    });
}
