using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Fastbridge.Cli;
using Fastbridge.Mqtt.Transport;
using Microsoft.Extensions.Logging;

namespace Fastbridge.Admin;

/// <summary>
/// The admin API's certificate and key, from PEM files that are read again when they change: a handshake gets what stands there, connections go on with what they
/// began with, and a file that is not good changes nothing. Any thread.
/// </summary>
internal sealed class AdminTls
{
    /// <summary>In milliseconds: how often the files are looked at, and only when somebody connects.</summary>
    private const long LookEvery = 1000;

    /// <summary>In bytes: a chain has a few KB. What is longer was named by mistake.</summary>
    private const int LargestFile = 1024 * 1024;

    private static readonly PemNames Names = new("--admin-cert-file", "--admin-key-file", "--admin-key-password-file");

    private readonly string _certFile;
    private readonly string? _keyFile;
    private readonly string? _passwordFile;
    private readonly Lock _looking = new();
    private volatile SslStreamCertificateContext _context;
    private string _seen;
    private long _lookedAt;

    private AdminTls(string certFile, string? keyFile, string? passwordFile)
    {
        (_certFile, _keyFile, _passwordFile) = (certFile, keyFile, passwordFile);
        // Before the reading: what is written in between is then read once more.
        _seen = Digest();
        _lookedAt = Environment.TickCount64;
        _context = Read();
    }

    /// <param name="certFile">PEM: the certificate, then its chain.</param>
    /// <param name="keyFile">PEM, perhaps encrypted; null: the key is in <paramref name="certFile"/>.</param>
    /// <param name="passwordFile">Holds the key's password; null: it has none.</param>
    /// <exception cref="SettingsException">A file is missing, unreadable, or not what it should be. One line.</exception>
    public static AdminTls Load(string certFile, string? keyFile, string? passwordFile) => new(certFile, keyFile, passwordFile);

    /// <summary>What the next handshake is done with. Never null, never throws.</summary>
    /// <param name="log">Told of a change, and once of a change that is not good.</param>
    public SslStreamCertificateContext Current(ILogger log)
    {
        if (Environment.TickCount64 - Volatile.Read(ref _lookedAt) < LookEvery || !_looking.TryEnter())
            return _context;
        try
        {
            string now = Digest();
            if (now != _seen)
            {
                _seen = now;
                // The one before is left to the collector: handshakes under way may hold it.
                _context = Read();
                AdminLog.CertificateRead(log, _certFile, _context.TargetCertificate.NotAfter.ToUniversalTime());
            }
        }
        catch (Exception e) when (e is SettingsException or CryptographicException or ArgumentException or IOException)
        {
            AdminLog.CertificateKept(log, e.Message);
        }
        finally
        {
            Volatile.Write(ref _lookedAt, Environment.TickCount64);
            _looking.Exit();
        }

        return _context;
    }

    private SslStreamCertificateContext Read()
    {
        string? password = _passwordFile is null ? null : AdminOptions.SecretFrom(Names.Password, _passwordFile, "the key's password");
        try
        {
            X509Certificate2Collection chain = TlsFiles.ReadPair(Names, _certFile, _keyFile, password);
            X509Certificate2 own = chain[0];
            chain.RemoveAt(0);
            return SslStreamCertificateContext.Create(own, chain, offline: true);
        }
        catch (MqttConnectException e)
        {
            throw new SettingsException(e.Message, e);
        }
    }

    /// <summary>Of what the files hold. Not of their dates: a secret of Kubernetes is a link to a link, and changes without them.</summary>
    private string Digest()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string? file in (string?[])[_certFile, _keyFile, _passwordFile])
        {
            if (file is null)
                continue;
            try
            {
                using FileStream stream = File.OpenRead(file);
                if (stream.Length > LargestFile)
                    continue;
                var bytes = new byte[stream.Length];
                hash.AppendData(bytes, 0, stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false));
                hash.AppendData([0]);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
            {
                // The reading says why.
                hash.AppendData([1]);
            }
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }
}
