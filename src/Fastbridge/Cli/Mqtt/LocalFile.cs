using System.Globalization;

namespace Fastbridge.Cli.Mqtt;

/// <summary>Reads what the command line names.</summary>
internal static class LocalFile
{
    /// <param name="option">For messages.</param>
    /// <param name="path">The file; <c>/dev/stdin</c> and pipes too.</param>
    /// <param name="most">More bytes are refused, also where they do not end.</param>
    /// <exception cref="SettingsException">It cannot be read, or is too large; one line.</exception>
    public static byte[] Read(string option, string path, int most)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
            return ReadToEnd(file, most) ?? throw new SettingsException(string.Create(CultureInfo.InvariantCulture, $"{option}: {path} has more than {most} bytes"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new SettingsException($"{option}: {Printable.Text(path)} cannot be read: {e.Message.ReplaceLineEndings(" ").TrimEnd('.')}");
        }
    }

    /// <summary>Null where there are more than <paramref name="most"/> bytes.</summary>
    public static byte[]? ReadToEnd(Stream stream, int most)
    {
        byte[] buffer = new byte[Math.Min(most, 4096) + 1];
        int length = 0;
        while (true)
        {
            int read = stream.Read(buffer, length, buffer.Length - length);
            if (read == 0)
                return buffer[..length];
            length += read;
            if (length > most)
                return null;
            if (length == buffer.Length)
                Array.Resize(ref buffer, (int)Math.Min(buffer.Length * 2L, most + 1L));
        }
    }
}
