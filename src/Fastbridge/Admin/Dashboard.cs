using System.IO.Compression;
using System.Reflection;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;

namespace Fastbridge.Admin;

/// <summary>
/// The dashboard's files, which the build has compressed into the executable (src/Fastbridge/Dashboard). They hold no data and no secret: what they show they ask of the
/// API, with the token that their user gives. Any thread.
/// </summary>
internal static class Dashboard
{
    /// <summary>The page. Its files lie below <see cref="Folder"/>.</summary>
    public const string PagePath = "/";

    private const string Folder = "/ui/";
    private const string Prefix = "dashboard/";
    private const string Page = "index.html";

    /// <summary>Nothing but this server's own files runs, styles or is talked to; no inline script or style, and no frame around the page.</summary>
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; " +
        "require-trusted-types-for 'script'";

    private static readonly Lazy<Dictionary<string, DashboardFile>> Files = new(Load);

    /// <summary>False where the build found no npm: the API is whole without the dashboard.</summary>
    public static bool IsThere => Files.Value.Count > 0;

    /// <summary>Null: no file of the dashboard has that path.</summary>
    /// <param name="path">As it stands in the request; compared whole, so nothing in it leads anywhere else.</param>
    public static DashboardFile? Find(string path) => Files.Value.GetValueOrDefault(path);

    /// <param name="answered">Gets the headers.</param>
    public static Answer Serve(DashboardFile file, IHeaderDictionary request, IHeaderDictionary answered)
    {
        bool zipped = TakesGzip(request.AcceptEncoding.ToString());
        string tag = zipped ? file.Tag : file.PlainTag;
        answered.ETag = tag;
        answered.Vary = "Accept-Encoding";
        answered.ContentSecurityPolicy = Policy;
        answered["Cross-Origin-Opener-Policy"] = "same-origin";
        answered["X-Frame-Options"] = "DENY";
        if (Matches(request.IfNoneMatch.ToString(), tag))
            return new Answer(StatusCodes.Status304NotModified, default) { IsAsset = true, ContentType = file.Type };
        if (zipped)
            answered.ContentEncoding = "gzip";
        return new Answer(StatusCodes.Status200OK, zipped ? file.Zipped : file.Plain) { IsAsset = true, ContentType = file.Type };
    }

    private static Dictionary<string, DashboardFile> Load()
    {
        var files = new Dictionary<string, DashboardFile>(StringComparer.Ordinal);
        Assembly assembly = typeof(Dashboard).Assembly;
        foreach (string resource in assembly.GetManifestResourceNames())
        {
            if (!resource.StartsWith(Prefix, StringComparison.Ordinal))
                continue;
            using Stream stream = assembly.GetManifestResourceStream(resource)!;
            var zipped = new byte[stream.Length];
            stream.ReadExactly(zipped);
            string name = resource[Prefix.Length..^".gz".Length];
            files.Add(name == Page ? PagePath : Folder + name, new DashboardFile(TypeOf(name), zipped));
        }

        return files;
    }

    private static string TypeOf(string name) => Path.GetExtension(name) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".svg" => "image/svg+xml",
        _ => "text/plain; charset=utf-8",
    };

    /// <summary>Whether Accept-Encoding names gzip with any weight but 0.</summary>
    private static bool TakesGzip(string accepted)
    {
        foreach (string coding in accepted.Split(',', StringSplitOptions.TrimEntries))
        {
            string[] parts = coding.Split(';', StringSplitOptions.TrimEntries);
            if (parts[0].Equals("gzip", StringComparison.OrdinalIgnoreCase))
                return parts.Length == 1 || parts[1].TrimEnd('0') is not ("q=" or "q=0" or "q=0.");
        }

        return false;
    }

    private static bool Matches(string tags, string tag)
    {
        foreach (string one in tags.Split(',', StringSplitOptions.TrimEntries))
        {
            if (one == tag || one == "*" || (one.StartsWith("W/", StringComparison.Ordinal) && one.AsSpan(2).SequenceEqual(tag)))
                return true;
        }

        return false;
    }
}

/// <summary>One file. Its bytes are shared, and never written.</summary>
internal sealed class DashboardFile
{
    private readonly Lazy<byte[]> _plain;

    public DashboardFile(string type, byte[] zipped)
    {
        Type = type;
        Zipped = zipped;
        string hash = Convert.ToHexStringLower(SHA256.HashData(zipped).AsSpan(0, 12));
        Tag = $"\"{hash}\"";
        PlainTag = $"\"{hash}-plain\"";
        _plain = new Lazy<byte[]>(Unzip);
    }

    public string Type { get; }

    public byte[] Zipped { get; }

    /// <summary>For the few clients that take no gzip: made when the first of them asks.</summary>
    public byte[] Plain => _plain.Value;

    /// <summary>Strong: of these bytes, so another build's file has another.</summary>
    public string Tag { get; }

    /// <inheritdoc cref="Tag"/>
    public string PlainTag { get; }

    private byte[] Unzip()
    {
        using var zip = new GZipStream(new MemoryStream(Zipped), CompressionMode.Decompress);
        var plain = new MemoryStream();
        zip.CopyTo(plain);
        return plain.ToArray();
    }
}
