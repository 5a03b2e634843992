using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Fastbridge.Mqtt.Transport;

/// <summary>
/// Opens a private key that is encrypted in OpenSSL's older way, in the PEM file's own headers (<c>Proc-Type: 4,ENCRYPTED</c>), as <c>openssl genrsa -aes256</c> wrote them
/// before 3.0. .NET reads only PKCS#8's way.
/// </summary>
internal static class TraditionalKey
{
    /// <summary>The file has such a key.</summary>
    public static bool IsIn(string pem) => pem.Contains("Proc-Type: 4,ENCRYPTED", StringComparison.Ordinal);

    /// <summary>The same key as PEM without encryption; it must not leave the process.</summary>
    /// <exception cref="CryptographicException">Another password, another cipher, or a damaged file.</exception>
    public static string Open(string pem, string password)
    {
        int begin = pem.LastIndexOf("-----BEGIN ", pem.IndexOf("Proc-Type: 4,ENCRYPTED", StringComparison.Ordinal), StringComparison.Ordinal);
        string[] lines = begin < 0 ? [] : pem[begin..].Split('\n', StringSplitOptions.TrimEntries);
        string? info = null;
        int at = 1;
        for (; at < lines.Length && lines[at].Length > 0; at++)
        {
            if (lines[at].StartsWith("DEK-Info: ", StringComparison.Ordinal))
                info = lines[at]["DEK-Info: ".Length..];
        }

        var text = new StringBuilder();
        for (at++; at < lines.Length && !lines[at].StartsWith("-----END ", StringComparison.Ordinal); at++)
            text.Append(lines[at]);
        string[] cipher = info?.Split(',') ?? [];
        if (cipher.Length != 2 || !lines[0].EndsWith(" PRIVATE KEY-----", StringComparison.Ordinal))
            throw new CryptographicException("no DEK-Info");
        try
        {
            byte[] der = Decrypt(cipher[0], Convert.FromHexString(cipher[1]), password, Convert.FromBase64String(text.ToString()));
            return PemEncoding.WriteString(lines[0].AsSpan()["-----BEGIN ".Length..^"-----".Length], der);
        }
        catch (FormatException e)
        {
            throw new CryptographicException("the key is damaged", e);
        }
    }

    [SuppressMessage("Security", "CA5350", Justification = "The file says how it is encrypted; this only reads it.")]
    private static byte[] Decrypt(string cipher, byte[] iv, string password, byte[] bytes)
    {
        using SymmetricAlgorithm algorithm = cipher switch
        {
            "AES-128-CBC" or "AES-192-CBC" or "AES-256-CBC" => Aes.Create(),
            "DES-EDE3-CBC" => TripleDES.Create(),
            _ => throw new CryptographicException("an unknown cipher"),
        };
        int length = cipher switch { "AES-128-CBC" => 16, "AES-256-CBC" => 32, _ => 24 };
        if (iv.Length < 8)
            throw new CryptographicException("the key is damaged");
        algorithm.Key = Derive(password, iv.AsSpan(0, 8), length);
        return algorithm.DecryptCbc(bytes, iv);
    }

    // OpenSSL's EVP_BytesToKey with MD5 and one round.
    [SuppressMessage("Security", "CA5351", Justification = "The file says how it is encrypted; this only reads it.")]
    private static byte[] Derive(string password, ReadOnlySpan<byte> salt, int length)
    {
        byte[] secret = Encoding.UTF8.GetBytes(password);
        byte[] key = [];
        byte[] last = [];
        while (key.Length < length)
        {
            last = MD5.HashData([.. last, .. secret, .. salt]);
            key = [.. key, .. last];
        }

        return key[..length];
    }
}
