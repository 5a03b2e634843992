using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Fastbridge.Admin;

/// <summary>Who may use the API: whoever has the token; without one, programs of this machine, but not web pages that its browser shows.</summary>
internal sealed class Access
{
    private readonly IPAddress _address;
    private readonly string _scheme;
    private readonly byte[]? _token;

    public Access(AdminOptions options)
    {
        _address = options.Endpoint.Address;
        _scheme = options.Scheme + "://";
        // Of the hashes the lengths are equal, so that the comparison's time tells nothing, not even how long the token is.
        _token = options.Token is { } token ? SHA256.HashData(Encoding.UTF8.GetBytes(token)) : null;
    }

    /// <summary>Null: come in.</summary>
    public Refusal? Check(IHeaderDictionary headers)
    {
        if (_token is not null)
        {
            string authorization = headers.Authorization.ToString();
            return HasToken(authorization)
                ? null
                : new Refusal(StatusCodes.Status401Unauthorized, $"a token is needed; send it as Authorization: Bearer TOKEN (fastbridge's commands take it from {AdminOptions.TokenVariable})") { IsWrongToken = authorization.Length > 0 };
        }

        return CheckSite(headers);
    }

    /// <summary>Whether a request that everyone may make comes from one who may see details as well.</summary>
    public bool IsTrusted(IHeaderDictionary headers) => _token is null || HasToken(headers.Authorization.ToString());

    /// <summary>For what anyone with the token's leave to connect may have: only, without a token, no other site's page. Null: come in.</summary>
    public Refusal? CheckSite(IHeaderDictionary headers)
    {
        if (_token is not null)
            return null;

        // A page may let its own name point to 127.0.0.1 and ask on; its name then stands in Host.
        string host = headers.Host.ToString();
        if (host.Length > 0 && !IsOurs(host))
            return new Refusal(StatusCodes.Status403Forbidden, "the Host header names another machine; ask for 127.0.0.1 or localhost, or give the bridge a token");
        string origin = headers.Origin.ToString();
        return origin.Length > 0 && !origin.Equals(_scheme + host, StringComparison.OrdinalIgnoreCase)
            ? new Refusal(StatusCodes.Status403Forbidden, "the request comes from another site's page; give the bridge a token if that is wanted")
            : null;
    }

    private bool HasToken(string authorization)
    {
        const string scheme = "Bearer ";
        return authorization.StartsWith(scheme, StringComparison.OrdinalIgnoreCase) &&
            CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(authorization[scheme.Length..].Trim())), _token);
    }

    private bool IsOurs(string host)
    {
        int end = host.StartsWith('[') ? host.IndexOf(']') + 1 : host.IndexOf(':');
        string name = end > 0 ? host[..end] : host;
        return name.Equals("localhost", StringComparison.OrdinalIgnoreCase) ||
            (IPAddress.TryParse(name, out IPAddress? address) && (IPAddress.IsLoopback(address) || address.Equals(_address)));
    }
}

/// <param name="Status">The HTTP status.</param>
/// <param name="Reason">One line.</param>
internal sealed record Refusal(int Status, string Reason)
{
    /// <summary>A token came, and another is wanted.</summary>
    public bool IsWrongToken { get; init; }
}
