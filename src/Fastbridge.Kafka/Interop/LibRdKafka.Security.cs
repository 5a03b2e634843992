using System.Runtime.InteropServices;

namespace Fastbridge.Kafka.Interop;

internal static unsafe partial class LibRdKafka
{
    /// <summary>SASL OAUTHBEARER wants a token: the first one, or another at 80 % of a token's life.</summary>
    internal const int EventTokenRefresh = 0x100;

    /// <summary>Asked in each TLS handshake about each certificate that OpenSSL has judged, with its verdict; on librdkafka's threads.</summary>
    [LibraryImport(Library)]
    internal static partial int rd_kafka_conf_set_ssl_cert_verify_cb(
        nint conf, delegate* unmanaged[Cdecl]<nint, byte*, int, int*, int, byte*, nuint, byte*, nuint, nint, int> check);

    /// <summary>Any thread while the client lives. The error's text may repeat the token.</summary>
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int rd_kafka_oauthbearer_set_token(
        nint client, string token, long endsAtMs, string principal, byte** extensions, nuint extensionCount, byte* error, nuint errorSize);

    /// <summary>Has the reason told as an error event, once until it changes; the token before it stays.</summary>
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int rd_kafka_oauthbearer_set_token_failure(nint client, string reason);
}
