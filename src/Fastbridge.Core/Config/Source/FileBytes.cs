using System.Buffers;

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
        byte[] bytes = ArrayPool<byte>.Shared.Rent(64 * 1024);
        try
        {
            int length = 0;
            while (stream.Read(bytes.AsSpan(length)) is > 0 and int read)
            {
                length += read;
                if (length > maxBytes)
                {
                    fault = TooLarge(maxBytes);
                    return null;
                }

                if (length == bytes.Length)
                    bytes = Larger(bytes);
            }

            fault = null;
            return bytes.AsSpan(0, length).ToArray();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes, clearArray: true); // It may hold secrets.
        }
    }

    private static byte[] Larger(byte[] bytes)
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent(2 * bytes.Length);
        bytes.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(bytes, clearArray: true);
        return larger;
    }
}
