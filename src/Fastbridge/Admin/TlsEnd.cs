using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Authentication;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Fastbridge.Admin;

/// <summary>
/// TLS between the socket and HTTP, for one connection at a time. Not Kestrel's: that wants its host's services, and costs the executable several times as much.
/// </summary>
/// <param name="time">For the whole handshake.</param>
internal sealed class TlsEnd(AdminTls tls, TimeSpan time, ILogger log)
{
    private static readonly ReadOnlyMemory<byte> PlainAnswer = Plain();

    /// <summary>Ends when the connection does; a handshake that fails ends it alone.</summary>
    public async Task RunAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        IDuplexPipe plain = connection.Transport;
        var ssl = new SslStream(new PipeStream(plain), leaveInnerStreamOpen: false);
        await using (ssl.ConfigureAwait(false))
        {
            if (!await ShakeHandsAsync(ssl, plain).ConfigureAwait(false))
                return;
            var encrypted = new Encrypted(ssl);
            connection.Transport = encrypted;
            try
            {
                await next(connection).ConfigureAwait(false);
            }
            finally
            {
                // Before the stream is closed: what is still being written must not find it so.
                await encrypted.Input.CompleteAsync().ConfigureAwait(false);
                await encrypted.Output.CompleteAsync().ConfigureAwait(false);
                connection.Transport = plain;
            }
        }
    }

    private async Task<bool> ShakeHandsAsync(SslStream ssl, IDuplexPipe plain)
    {
        using var limit = new CancellationTokenSource(time);
        try
        {
            ReadResult first = await plain.Input.ReadAsync(limit.Token).ConfigureAwait(false);
            bool isEmpty = first.Buffer.IsEmpty;
            bool isPlain = !isEmpty && first.Buffer.FirstSpan[0] is >= (byte)'A' and <= (byte)'Z';
            // Nothing is taken, nor looked at: the handshake reads it.
            plain.Input.AdvanceTo(first.Buffer.Start);
            if (isEmpty)
                return false;
            if (isPlain)
            {
                await plain.Output.WriteAsync(PlainAnswer, limit.Token).ConfigureAwait(false);
                return false;
            }

            await ssl.AuthenticateAsServerAsync(Settings(), limit.Token).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (e is AuthenticationException or IOException or OperationCanceledException or ConnectionAbortedException or InvalidOperationException)
        {
            // Port scanners, clients that do not trust the certificate: counted as a connection without a request.
            return false;
        }
    }

    // Said here, as a system's own configuration of OpenSSL may allow older ones.
    [SuppressMessage("Security", "CA5398", Justification = "These two are what SECURITY.md promises.")]
    private SslServerAuthenticationOptions Settings() => new()
    {
        ServerCertificateContext = tls.Current(log),
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        ApplicationProtocols = [SslApplicationProtocol.Http11],
    };

    /// <summary>For who speaks HTTP here: in the clear, for that is what they understand.</summary>
    private static byte[] Plain()
    {
        ReadOnlyMemory<byte> body = Answer.Refused(StatusCodes.Status400BadRequest, "this port speaks TLS; ask it by https://", Reasons.BadRequest).Body;
        byte[] head = System.Text.Encoding.ASCII.GetBytes($"HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {body.Length}\r\n\r\n");
        return [.. head, .. body.Span];
    }

    private sealed class Encrypted(SslStream ssl) : IDuplexPipe
    {
        public PipeReader Input { get; } = PipeReader.Create(ssl, new StreamPipeReaderOptions(leaveOpen: true));

        public PipeWriter Output { get; } = PipeWriter.Create(ssl, new StreamPipeWriterOptions(leaveOpen: true));
    }
}
