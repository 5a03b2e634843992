using System.Collections.Immutable;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Fastbridge.Cli;
using Fastbridge.Core.Config.Store;
using Fastbridge.Mqtt;
using Fastbridge.Mqtt.Transport;

namespace Fastbridge.Admin;

/// <summary>One call of an admin API and its answer, or one line that says why there is none. Any thread.</summary>
internal sealed class AdminClient : IDisposable
{
    private static readonly TimeSpan ConnectTime = TimeSpan.FromSeconds(5);

    /// <summary>In bytes: 10,000 connectors with long configs, and a bound for what is no fastbridge.</summary>
    private const int LargestAnswer = 64 * 1024 * 1024;

    private readonly Uri _server;
    private readonly HttpClient _http;
    private volatile string? _refusal;

    /// <param name="caFile">PEM file of the authorities to trust; null: the system's.</param>
    /// <exception cref="SettingsException">It cannot be read, or holds none.</exception>
    public AdminClient(Uri server, string? token, TimeSpan callTime, string? caFile = null)
    {
        _server = server;
        // No proxy: http_proxy in a gateway's environment is for the world outside, and the bridge is near.
        var handler = new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false, ConnectTimeout = ConnectTime };
        if (server.Scheme == Uri.UriSchemeHttps)
            handler.SslOptions = Trust(caFile);
        _http = new HttpClient(handler) { BaseAddress = server, Timeout = callTime, MaxResponseContentBufferSize = LargestAnswer };
        if (!string.IsNullOrEmpty(token))
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    private string Where => _server.GetLeftPart(UriPartial.Authority);

    /// <exception cref="StoreException">No answer, or none of an admin API.</exception>
    public Task<Reply> GetAsync(string path, CancellationToken cancellation) => SendAsync(new HttpRequestMessage(HttpMethod.Get, path), cancellation);

    /// <exception cref="StoreException">As for <see cref="GetAsync"/>.</exception>
    public Task<Reply> PostAsync(string path, ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        var content = new ReadOnlyMemoryContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return SendAsync(new HttpRequestMessage(HttpMethod.Post, path) { Content = content }, cancellation);
    }

    /// <summary>What answers is not what was meant.</summary>
    public StoreException Stranger(string why) =>
        new($"{Where} is neither a fastbridge nor a RobustMQ ({why}); give --server the address that the bridge's log names");

    public void Dispose() => _http.Dispose();

    private async Task<Reply> SendAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        using (request)
        {
            try
            {
                using HttpResponseMessage response = await _http.SendAsync(request, cancellation).ConfigureAwait(false);
                byte[] body = await response.Content.ReadAsByteArrayAsync(cancellation).ConfigureAwait(false);
                if (response.StatusCode == HttpStatusCode.Unauthorized)
                    throw new StoreException($"{Where} wants another token; set {AdminOptions.TokenVariable} to the one that the bridge runs with");
                return Parse(response.StatusCode, request.RequestUri!.ToString(), body);
            }
            catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
            {
                throw new StoreException($"{Where} has not answered in time; is the bridge frozen, or a firewall between?", e);
            }
            catch (HttpRequestException e)
            {
                throw new StoreException($"{Where} {Why(e)}", e);
            }
        }
    }

    private SslClientAuthenticationOptions Trust(string? caFile)
    {
        // As of the MQTT client: a gateway often reaches nothing but what it must, so a revocation list that cannot be fetched must not stop it.
        var policy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        if (caFile is not null)
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            try
            {
                policy.CustomTrustStore.AddRange(TlsFiles.ReadAuthorities(caFile));
            }
            catch (MqttConnectException e)
            {
                throw new SettingsException(Named(e.Message), e);
            }
        }

        return new SslClientAuthenticationOptions
        {
            CertificateChainPolicy = policy,
            RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
            {
                if (errors == SslPolicyErrors.None)
                    return true;
                using X509Certificate2? full = certificate is null ? null : new X509Certificate2(certificate);
                _refusal = full is null ? "it shows no certificate" : Named(TlsFaults.OfChain(new MqttTlsOptions { CaFile = caFile }, _server.Host, full, chain));
                return false;
            },
        };
    }

    /// <summary>A fault of TLS in this command line's names.</summary>
    private static string Named(string fault) => fault
        .Replace("TLS: ", "", StringComparison.Ordinal)
        .Replace("set tls.server_name to a name it carries", "give --server a name it carries", StringComparison.Ordinal)
        .Replace("tls.ca_file", "--ca-file", StringComparison.Ordinal);

    private string Why(HttpRequestException e) => e.GetBaseException() switch
    {
        SocketException { SocketErrorCode: SocketError.ConnectionRefused } => "refuses connections; is fastbridge run there, and not with --no-admin?",
        SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.TryAgain } => "has a name that cannot be resolved; check --server",
        AuthenticationException when _refusal is { } refusal => $"is not trusted: {refusal}",
        AuthenticationException or IOException when _server.Scheme == Uri.UriSchemeHttps => "answers without TLS, or without one that this end can use; a bridge without --admin-cert-file is asked by http://",
        _ => $"cannot be talked to ({e.GetBaseException().Message.TrimEnd('.')}); check --server",
    };

    private Reply Parse(HttpStatusCode status, string path, byte[] body)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(body);
        }
        catch (JsonException)
        {
            // RobustMQ answers an unknown path so, without a body.
            throw status is HttpStatusCode.NotFound ? new StoreException($"{Where} has no {path}; a RobustMQ only lists, creates and deletes") : Stranger($"HTTP {(int)status} without JSON");
        }

        if (document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("code", out JsonElement code) && code.ValueKind == JsonValueKind.Number)
            return new Reply(document);
        document.Dispose();
        throw Stranger($"HTTP {(int)status} without a code");
    }
}

/// <summary>An answer in RobustMQ's shape. Owns the JSON that <see cref="Data"/> points into.</summary>
internal sealed class Reply(JsonDocument document) : IDisposable
{
    /// <summary>Null where the call was refused.</summary>
    public JsonElement? Data => document.RootElement.GetProperty("code").TryGetInt64(out long code) && code == Answer.Success
        ? document.RootElement.TryGetProperty("data", out JsonElement data) ? data : default(JsonElement)
        : null;

    /// <summary>Why it was refused. Newer RobustMQ says so in <c>error</c>, older in <c>message</c>.</summary>
    public string Error => Text("error") ?? Text("message") ?? "refused without a reason";

    public string? Reason => Text("reason");

    public string Revision => Text("revision") ?? "";

    public ImmutableArray<string> Warnings => document.RootElement.TryGetProperty("warnings", out JsonElement warnings) && warnings.ValueKind == JsonValueKind.Array
        ? [.. warnings.EnumerateArray().Select(w => w.ToString())]
        : [];

    public ImmutableArray<string> Faults => document.RootElement.TryGetProperty("faults", out JsonElement faults) && faults.ValueKind == JsonValueKind.Array
        ? [.. faults.EnumerateArray().Select(f => f.ToString())]
        : [];

    public void Dispose() => document.Dispose();

    private string? Text(string name) =>
        document.RootElement.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
