namespace Fastbridge.Core.Config.Source;

/// <summary>Reads a small file whole, with a plain reason where that is not possible. Pipes (<c>--config &lt;(…)</c>) are read to their end.</summary>
internal static class FileBytes
{
    /// <summary>How the fault of a file begins that is there and may not be read.</summary>
    public const string NotAllowed = "may not be read by this user";

    /// <returns>The bytes, or null with a fault of one line.</returns>
    public static byte[]? Read(string path, int maxBytes, out string? fault)
    {
        fault = null;
        try
        {
            if (path.Length == 0)
                fault = "no file is named; give its path";
            else if (Directory.Exists(path))
                fault = "is a folder; name the file in it";
            else if (!File.Exists(path))
                fault = "there is no such file; check the path";
            else
                return ReadWhole(path, maxBytes, out fault);
        }
        catch (UnauthorizedAccessException)
        {
            fault = NotAllowed + "; change its owner or mode";
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            fault = "there is no such file; check the path";
        }
        catch (Exception e) when (e is IOException or ArgumentException or NotSupportedException)
        {
            fault = "cannot be read: " + Reading.Shown.OneLine(e.Message).TrimEnd('.');
        }

        return null;
    }

    public static string TooLarge(int maxBytes) => $"is larger than {maxBytes / 1024:N0} KB, which is the most that is read; is it the right file?";

    private static byte[]? ReadWhole(string path, int maxBytes, out string? fault)
    {
        // The length that a special file claims means nothing, so the bound is on what is read.
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        using var bytes = new MemoryStream();
        byte[] chunk = new byte[64 * 1024];
        while (true)
        {
            int read = stream.Read(chunk);
            if (read == 0)
                break;
            if (bytes.Length + read > maxBytes)
            {
                fault = TooLarge(maxBytes);
                return null;
            }

            bytes.Write(chunk, 0, read);
        }

        fault = null;
        return bytes.ToArray();
    }
}
