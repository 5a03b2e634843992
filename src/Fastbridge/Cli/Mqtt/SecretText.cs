using System.Text;

namespace Fastbridge.Cli.Mqtt;

/// <summary>A secret given on the command line without standing there, where every user of the machine could read it.</summary>
internal static class SecretText
{
    /// <summary>64 KB, as in the connectors file.</summary>
    private const int MostBytes = 64 * 1024;

    /// <summary>The text itself, or what <c>${env:NAME}</c> or <c>${file:PATH}</c>, standing alone, names.</summary>
    /// <param name="option">For messages.</param>
    /// <exception cref="SettingsException">There is no such variable or file.</exception>
    public static byte[] Resolve(string option, string text)
    {
        if (text.StartsWith("${env:", StringComparison.Ordinal) && text.EndsWith('}'))
        {
            string name = text["${env:".Length..^1];
            return Encoding.UTF8.GetBytes(Environment.GetEnvironmentVariable(name)
                ?? throw new SettingsException($"{option}: there is no environment variable {Printable.Text(name)}; set it, or use ${{file:PATH}}"));
        }

        return text.StartsWith("${file:", StringComparison.Ordinal) && text.EndsWith('}')
            ? FromFile(option, text["${file:".Length..^1])
            : Encoding.UTF8.GetBytes(text);
    }

    /// <summary>A file's bytes without one line end behind them, as an editor leaves it there.</summary>
    /// <exception cref="SettingsException">It cannot be read, or is too large.</exception>
    public static byte[] FromFile(string option, string path)
    {
        byte[] bytes = LocalFile.Read(option, path, MostBytes);
        int length = bytes.Length;
        if (length > 0 && bytes[length - 1] == '\n')
            length -= length > 1 && bytes[length - 2] == '\r' ? 2 : 1;
        return bytes[..length];
    }
}
