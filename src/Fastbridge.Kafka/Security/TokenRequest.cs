using System.Diagnostics.CodeAnalysis;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Fastbridge.Kafka.Security;

/// <summary>A token.</summary>
internal sealed class Token(string value, long endsAtMs)
{
    public string Value { get; } = value;

    /// <summary>Milliseconds since the epoch.</summary>
    public long EndsAtMs { get; } = endsAtMs;
}

/// <summary>No token came; the message is one line: token server, check that failed, remedy. It holds no secret.</summary>
internal sealed class TokenException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>
/// Fetches one token: RFC 6749, client credentials (4.4), the client by HTTP Basic (2.3.1). Each with a connection of its own, as there is one an hour, so that a renewed name or
/// authority counts. Any thread.
/// </summary>
internal static class TokenRequest
{
    /// <summary>For one attempt, all together.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>256 KB: tokens with many groups have a few ten.</summary>
    private const int LargestAnswer = 256 * 1024;

    /// <exception cref="TokenException">There is none.</exception>
    /// <exception cref="OperationCanceledException">Nobody wants it any more.</exception>
    public static async Task<Token> RunAsync(TokenSettings settings, CancellationToken cancellation)
    {
        string? refusal = null;
        try
        {
            // A redirect would carry the secret to somebody else.
            using var handler = new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false };
            handler.SslOptions = Tls(settings, text => refusal = text);
            using var http = new HttpClient(handler) { Timeout = Patience, MaxResponseContentBufferSize = LargestAnswer };
            using var request = new HttpRequestMessage(HttpMethod.Post, settings.Url);
            string login = $"{Uri.EscapeDataString(settings.ClientId)}:{Uri.EscapeDataString(settings.ClientSecret)}";
            request.Headers.TryAddWithoutValidation("Authorization", "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(login)));
            request.Headers.TryAddWithoutValidation("Accept", "application/json");
            request.Content = new ByteArrayContent(Encoding.ASCII.GetBytes(Form(settings)));
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/x-www-form-urlencoded");
            using HttpResponseMessage response = await http.SendAsync(request, cancellation).ConfigureAwait(false);
            byte[] body = await response.Content.ReadAsByteArrayAsync(cancellation).ConfigureAwait(false);
            return TokenAnswer.Read(body, (int)response.StatusCode, settings, DateTimeOffset.UtcNow);
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            throw Fault(settings, $"no answer within {Patience.TotalSeconds:0} s; check sasl.token_url, and that no firewall drops the connection", e);
        }
        catch (HttpRequestException e)
        {
            throw Fault(settings, refusal ?? OfConnection(e), e);
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw Fault(settings, $"{settings.CaFile}: {e.Message.ReplaceLineEndings(" ").Trim()}; check sasl.ca_file", e);
        }
    }

    internal static TokenException Fault(TokenSettings settings, string text, Exception? inner = null) => new($"token server {settings.Url.Authority}: {text}", inner);

    private static string Form(TokenSettings settings)
    {
        string form = "grant_type=client_credentials";
        if (settings.Scope is not null)
            form += "&scope=" + Uri.EscapeDataString(settings.Scope);
        return settings.Audience is null ? form : form + "&audience=" + Uri.EscapeDataString(settings.Audience);
    }

    [SuppressMessage("Security", "CA5359", Justification = "It refuses whatever the chain or name does not allow.")]
    private static SslClientAuthenticationOptions Tls(TokenSettings settings, Action<string> refused)
    {
        var policy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        if (settings.CaFile is not null)
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            policy.CustomTrustStore.ImportFromPemFile(settings.CaFile);
            if (policy.CustomTrustStore.Count == 0)
                throw new CryptographicException("there is no certificate in it; PEM (BEGIN CERTIFICATE) is expected");
        }

        return new SslClientAuthenticationOptions
        {
            CertificateChainPolicy = policy,
            RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
            {
                if (errors == SslPolicyErrors.None)
                    return true;
                if (certificate is null)
                    return false;
                using var full = new X509Certificate2(certificate);
                refused(CertificateWords.OfChain(full, chain, settings.Url.Host, settings.CaFile));
                return false;
            },
        };
    }

    private static string OfConnection(HttpRequestException fault) => fault.HttpRequestError switch
    {
        HttpRequestError.NameResolutionError => "no such host name; check sasl.token_url, and that DNS works",
        HttpRequestError.SecureConnectionError => "TLS failed: " + OneLine(fault.InnerException ?? fault) + "; check sasl.token_url and sasl.ca_file",
        HttpRequestError.ConfigurationLimitExceeded => "the answer is no token: it is too long; check sasl.token_url",
        HttpRequestError.ConnectionError => OneLine(fault.InnerException ?? fault) + "; check sasl.token_url, and that the token server runs",
        _ => OneLine(fault) + "; check sasl.token_url",
    };

    private static string OneLine(Exception fault) => fault.Message.ReplaceLineEndings(" ").Trim().TrimEnd('.');
}
